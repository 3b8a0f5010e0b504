"""Settings come from the environment, and everything wrong with it is said at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config.artifacts import ArtifactSettings
from config.database import DatabaseSettings
from config.environment import ConfigurationError, Problem, adopt, for_child, read
from config.fleet import FleetSettings, GivenServices
from config.flower import FlowerSettings
from config.pools import EtlSettings
from config.redis import RedisSettings
from config.workers import WorkerSettings


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("RISKFLEET_", "REDIS_", "DATABASE_")):
            monkeypatch.delenv(name)


def test_values_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable sets its field; what is not set has its default."""
    monkeypatch.setenv("RISKFLEET_LEASE_SECONDS", "6")

    settings = read(WorkerSettings)

    assert (settings.lease_seconds, settings.renewal_seconds) == (6, 2)
    assert settings.max_message_bytes == 8 << 20


def test_a_list_is_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pools are named in one variable."""
    monkeypatch.setenv("RISKFLEET_POOLS", "cpu, etl")

    assert read(FleetSettings).pools == ("cpu", "etl")


def test_a_value_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`REDIS_URL_FILE` names a file whose text is the value, less the line end."""
    secret = tmp_path / "redis_url"
    secret.write_text("redis://:hidden@127.0.0.1/0\n")
    monkeypatch.setenv("REDIS_URL_FILE", str(secret))

    url = read(RedisSettings).url

    assert url.get_secret_value() == "redis://:hidden@127.0.0.1/0"


def test_a_default_holds_only_where_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment goes before what the caller offers."""
    monkeypatch.setenv("RISKFLEET_ETL_CONCURRENCY", "3")
    defaults = {"RISKFLEET_ETL_CONCURRENCY": "5", "RISKFLEET_ETL_MEMORY_MIB": "7"}

    settings = read(EtlSettings, defaults=defaults)

    assert (settings.concurrency, settings.memory_mib) == (3, 7)


def test_an_option_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command was told explicitly wins."""
    monkeypatch.setenv("RISKFLEET_POOLS", "cpu")

    assert read(FleetSettings, overrides={"RISKFLEET_POOLS": "gpu,etl"}).pools == ("gpu", "etl")


def test_every_problem_is_reported_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One error names each variable, what was expected and what came, for all types together."""
    missing = str(tmp_path / "nowhere")
    monkeypatch.setenv("RISKFLEET_LEASE_SECONDS", "-1")
    monkeypatch.setenv("RISKFLEET_POOLS", "cpu,tpu")
    monkeypatch.setenv("RISKFLEET_LEESE_SECONDS", "5")
    monkeypatch.setenv("RISKFLEET_DATA_FILE", missing)

    with pytest.raises(ConfigurationError) as caught:
        read(RedisSettings, WorkerSettings, FleetSettings)

    assert caught.value.problems == (
        Problem(
            "RISKFLEET_LEESE_SECONDS", "a setting that exists (see .env.example)", "an unknown one"
        ),
        Problem(
            "RISKFLEET_DATA_FILE",
            "a file with text",
            f"{missing} ([Errno 2] No such file or directory: '{missing}')",
        ),
        Problem("REDIS_URL", "a value", "nothing"),
        Problem("RISKFLEET_LEASE_SECONDS", "greater than 0", "'-1'"),
        Problem(
            "RISKFLEET_POOLS", "some of cpu, gpu, etl, security, with commas between", "'cpu,tpu'"
        ),
    )


def test_a_value_and_a_file_contradict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Setting a variable and its file is refused, for nobody can tell which was meant."""
    file = tmp_path / "url"
    file.write_text("redis://127.0.0.1/1")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1/0")
    monkeypatch.setenv("REDIS_URL_FILE", str(file))

    with pytest.raises(ConfigurationError, match="not to be set beside REDIS_URL_FILE"):
        read(RedisSettings)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("REDIS_URL", "http://:s3cret@example"), ("RISKFLEET_FLOWER_PASSWORD", "s3cret")],
)
def test_a_secret_is_never_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """Neither an error nor its cause repeats a secret that could not be used."""
    monkeypatch.setenv(variable, value)

    with pytest.raises(ConfigurationError) as caught:
        read(RedisSettings, FlowerSettings)

    assert variable in str(caught.value)
    assert "s3cret" not in f"{caught.value} {caught.value!r} {caught.value.__context__}"


def test_settings_show_asterisks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing settings is safe."""
    monkeypatch.setenv("REDIS_URL", "redis://:s3cret@127.0.0.1/0")

    assert "s3cret" not in repr(read(RedisSettings))


def test_a_child_reads_what_its_parent_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Settings handed on through the environment come back equal, whatever they came from."""
    file = tmp_path / "url"
    file.write_text("redis://:s3cret@127.0.0.1/0")
    monkeypatch.setenv("REDIS_URL_FILE", str(file))
    monkeypatch.setenv("RISKFLEET_POOLS", "gpu,cpu")
    parents = read(RedisSettings, FleetSettings, GivenServices)

    environment = for_child(*parents, OMP_NUM_THREADS="1")

    monkeypatch.delenv("REDIS_URL_FILE")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert environment["OMP_NUM_THREADS"] == "1"
    assert read(RedisSettings, FleetSettings, GivenServices) == parents


def test_what_is_adopted_never_overrules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The addresses of a running fleet are used only where nothing else was said."""
    file = tmp_path / "url"
    file.write_text("postgresql://elsewhere/ledger")
    monkeypatch.setenv("DATABASE_URL_FILE", str(file))
    monkeypatch.setenv("RISKFLEET_ARTIFACTS", "/given")
    monkeypatch.setenv("REDIS_URL", "undone after the test")
    monkeypatch.delenv("REDIS_URL")

    adopt(
        {
            "REDIS_URL": "redis://here/0",
            "DATABASE_URL": "postgresql://here/ledger",
            "RISKFLEET_ARTIFACTS": "/here",
        }
    )

    redis, database, artifacts = read(RedisSettings, DatabaseSettings, ArtifactSettings)
    assert redis.url.get_secret_value() == "redis://here/0"
    assert database.url.get_secret_value() == "postgresql://elsewhere/ledger"
    assert artifacts.artifacts == "/given"
