"""docker-compose.yml: every name in it leads somewhere, and nothing runs with more than it needs.

No engine runs it here; what can be known without one is held.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.catalogue import ALL_SETTINGS
from config.environment import read
from config.flower import FlowerSettings
from config.gateway import GatewaySettings
from config.pools import POOLS
from config.settings import is_secret
from config.workers import WorkerSettings
from tests.fleet import ROOT
from tests.production.dockerfile import environment, stages
from tests.production.fleet_commands import misunderstood
from workers.pools import BY_NAME

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"].startswith("riskfleet/")}
WORKERS = {name: each for name, each in OURS.items() if name in BY_NAME}
PROMETHEUS = yaml.safe_load((ROOT / "ops/prometheus/prometheus.yml").read_text())

KNOWN = {
    variable: is_secret(field.annotation)
    for kind in ALL_SETTINGS
    for variable, _, field in kind.fields()
}
"""Variable -> whether it is a secret."""

ROOM_TO_GIVE_BACK = timedelta(seconds=15)
"""What a worker may need beyond the wait for its jobs; as the supervisor of `fleet up` has it."""

SAMPLES = {
    "REDIS_URL_FILE": "redis://riskfleet_worker:secret@redis:6379/0",
    "DATABASE_URL_FILE": "postgresql://riskfleet_worker:secret@postgres:5432/riskfleet",
}
"""What secrets may look like where not any text will do."""

RUN_ONCE = ("migrate", "roles")
"""These end by themselves, and who needs them waits for that; so nobody asks how they are."""

MAIN_PROCESS_MIB = 512
"""The most a worker's main process was seen to use is 302 MiB, with the kernels of the CPU pool."""


def seconds(text: str) -> timedelta:
    """Read `60s`."""
    return timedelta(seconds=int(text.removesuffix("s")))


def mebibytes(text: str) -> int:
    """Read `3584M` or `2G`."""
    return int(text[:-1]) * {"M": 1, "G": 1024}[text[-1]]


def sources(service: dict[str, Any]) -> list[str]:
    """What a service mounts."""
    return [each.split(":")[0] for each in service.get("volumes", [])]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_little(name: str) -> None:
    """An ordinary user, a read-only image, no capability, no way to gain one, bounds on all."""
    service = SERVICES[name]
    limits = service["deploy"]["resources"]["limits"]

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert limits.keys() == {"cpus", "memory", "pids"}
    assert service.keys().isdisjoint({"privileged", "cap_add", "network_mode", "pid", "ipc"})
    assert not any("docker.sock" in each for each in service.get("volumes", []))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_comes_back_and_goes_gently(name: str) -> None:
    """It is started again when it dies, asked after, and given time to end."""
    service = SERVICES[name]

    assert service["restart"] == ("on-failure:5" if name in RUN_ONCE else "unless-stopped")
    assert ("healthcheck" in service) != (name in RUN_ONCE)
    assert seconds(service["stop_grace_period"]) >= timedelta(seconds=30)


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_has_time_to_give_its_jobs_back(name: str) -> None:
    """Whoever stops a container waits longer than the worker waits for its jobs."""
    soft = float(WORKERS[name]["environment"]["RISKFLEET_SOFT_SHUTDOWN_SECONDS"])

    assert soft == WorkerSettings().soft_shutdown_seconds
    grace = seconds(WORKERS[name]["stop_grace_period"])
    assert grace >= timedelta(seconds=soft) + ROOM_TO_GIVE_BACK


@pytest.mark.parametrize("name", OURS)
def test_what_it_runs_exists(name: str) -> None:
    """Commands and healthchecks are commands of `fleet`, with options that it has."""
    service = OURS[name]

    assert misunderstood(service["command"]) is None
    if "healthcheck" in service:
        kind, *check = service["healthcheck"]["test"]
        assert (kind, check) == ("CMD", ["fleet", "health", name])
        assert misunderstood(check) is None


@pytest.mark.parametrize("name", OURS)
def test_its_image_is_built_here(name: str) -> None:
    """Each image has one build, whose target exists and whose default command this is about."""
    image = OURS[name]["image"]
    [build] = [
        each["build"] for each in OURS.values() if each["image"] == image and "build" in each
    ]

    assert image == f"riskfleet/{build['target']}:${{VERSION:-0.1.0}}"
    assert build["target"] in stages(ROOT / "Dockerfile")
    assert (ROOT / build["context"]) == ROOT


@pytest.mark.parametrize("name", SERVICES.keys() - OURS.keys())
def test_other_images_are_pinned(name: str) -> None:
    """To a version, so that starting again does not mean upgrading."""
    _, _, tag = SERVICES[name]["image"].rpartition(":")

    assert re.match(r"v?\d+", tag)


@pytest.mark.parametrize("name", OURS)
def test_variables_are_settings(name: str) -> None:
    """Each is known to config/, and those are files, and only those, that hold secrets."""
    for variable in OURS[name]["environment"]:
        setting = variable.removesuffix("_FILE")
        assert setting in KNOWN, variable
        assert KNOWN[setting] == variable.endswith("_FILE"), variable


@pytest.mark.parametrize("name", OURS)
def test_variables_can_be_read(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every settings type that a service gives something to takes it."""
    for variable in KNOWN:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in OURS[name]["environment"].items():
        if variable.endswith("_FILE"):
            secret = tmp_path / variable
            secret.write_text(SAMPLES.get(variable, "x" * 32))
            value = str(secret)
        monkeypatch.setenv(variable, str(value))
    given = {variable.removesuffix("_FILE") for variable in OURS[name]["environment"]}

    for kind in ALL_SETTINGS:
        if given & {variable for variable, _, _ in kind.fields()}:
            assert read(kind)


@pytest.mark.parametrize("name", OURS)
def test_it_has_what_it_cannot_run_without(name: str) -> None:
    """Settings without a default are given to each process that reads them."""
    needed = {"DATABASE_URL_FILE"} if name == "migrate" else {"REDIS_URL_FILE", "DATABASE_URL_FILE"}
    needed |= {
        "flower": {"RISKFLEET_FLOWER_PASSWORD_FILE"},
        "gateway": {"RISKFLEET_GATEWAY_SIGNING_KEY_FILE"},
    }.get(name, set())

    assert needed <= OURS[name]["environment"].keys()


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_are_declared_and_used(name: str) -> None:
    """What a service reads under /run/secrets it has been given, and nothing else."""
    service = SERVICES[name]
    texts = [*service.get("environment", {}).values(), *service.get("command", [])]
    if name == "redis":
        texts.append((ROOT / "ops/compose/valkey.conf").read_text())
    read = {found for text in texts for found in re.findall(r"/run/secrets/(\w+)", str(text))}

    assert read == set(service.get("secrets", []))
    assert read <= COMPOSE["secrets"].keys()


def test_every_secret_is_a_file_that_is_not_in_the_repository() -> None:
    """All lie in one folder that git does not take, and each is used."""
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}

    assert used == COMPOSE["secrets"].keys()
    assert all(each["file"].startswith("./secrets/") for each in COMPOSE["secrets"].values())
    assert "/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_no_password_is_written_down() -> None:
    """Nothing in the file looks like one, and no URL carries one."""
    text = (ROOT / "docker-compose.yml").read_text()

    assert re.findall(r"://[^/\s]*:[^/\s]*@", text) == []
    assert re.findall(r"(?i)(?:password|secret|key|token)\w*: *[^{[&*\s/]\S*$", text, re.M) == []


def test_names_lead_somewhere() -> None:
    """Networks, volumes, services and files that are named are there; none is left over."""
    networks = {each for service in SERVICES.values() for each in service["networks"]}
    mounted = {each for service in SERVICES.values() for each in sources(service)}
    files = {each for each in mounted if each.startswith("./")}
    needed = {each for service in SERVICES.values() for each in service.get("depends_on", {})}

    assert networks == COMPOSE["networks"].keys()
    assert mounted - files == COMPOSE["volumes"].keys()
    assert {each for each in files if not (ROOT / each).exists()} == set()
    assert needed <= SERVICES.keys()


@pytest.mark.parametrize("name", OURS.keys() - {"migrate"})
def test_nothing_starts_before_the_tables(name: str) -> None:
    """Our services wait for the roles, these for the migration, and that for Postgres."""
    healthy, done = (
        {"condition": f"service_{each}"} for each in ("healthy", "completed_successfully")
    )

    assert OURS[name]["depends_on"] == {"redis": healthy, "roles": done}
    assert SERVICES["roles"]["depends_on"] == {"migrate": done}
    assert SERVICES["migrate"]["depends_on"] == {"postgres": healthy}


def test_ports_are_on_loopback_and_are_the_settings() -> None:
    """What is published is published here only, under the port that the service listens on."""
    published = {name: each["ports"] for name, each in SERVICES.items() if "ports" in each}
    inside = {name: int(port.split(":")[2]) for name, ports in published.items() for port in ports}

    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert inside["flower"] == FlowerSettings.model_fields["flower_port"].default
    assert inside["gateway"] == GatewaySettings.model_fields["port"].default
    for name, variable in (("flower", "FLOWER"), ("gateway", "GATEWAY")):
        assert int(OURS[name]["environment"][f"RISKFLEET_{variable}_PORT"]) == inside[name]
        assert OURS[name]["environment"][f"RISKFLEET_{variable}_HOST"] == "0.0.0.0"  # noqa: S104
    for name in published:
        assert "front" in SERVICES[name]["networks"]


def test_prometheus_finds_every_process_that_shows_metrics() -> None:
    """Its targets are services of ours, on the port that they serve, in networks that it is in."""
    [scrape] = PROMETHEUS["scrape_configs"]
    [targets] = scrape["dns_sd_configs"]

    assert set(targets["names"]) == {*BY_NAME, "gateway"}
    for name in targets["names"]:
        variables = OURS[name]["environment"]
        assert int(variables["RISKFLEET_METRICS_PORT"]) == targets["port"]
        assert variables["RISKFLEET_METRICS_HOST"] == "0.0.0.0"  # noqa: S104
        shared = set(SERVICES["prometheus"]["networks"]) & set(OURS[name]["networks"])
        assert shared, name


@pytest.mark.parametrize("name", POOLS)
def test_a_pool_fits_its_container(name: str) -> None:
    """The bound on memory is met by a job's `MemoryError` before the kernel's killer."""
    variables = WORKERS[name]["environment"]
    prefix = f"RISKFLEET_{name.upper()}"
    jobs, memory = (int(variables[f"{prefix}_{each}"]) for each in ("CONCURRENCY", "MEMORY_MIB"))
    children = int(jobs * 1.5 * memory) if BY_NAME[name].celery_pool == "prefork" else memory
    limits = WORKERS[name]["deploy"]["resources"]["limits"]

    assert mebibytes(limits["memory"]) >= children + MAIN_PROCESS_MIB
    if name == "cpu":
        assert float(limits["cpus"]) == jobs


def test_the_security_pool_is_apart() -> None:
    """It reaches the stores and the outside, and no other service; no other gets out."""
    networks = set(WORKERS["security"]["networks"])
    beside = {name for name, each in SERVICES.items() if networks & set(each["networks"])}

    assert beside == {"security", "redis", "postgres", "prometheus"}
    assert [name for name, each in SERVICES.items() if "egress" in each["networks"]] == ["security"]
    assert COMPOSE["networks"]["back"] == COMPOSE["networks"]["scans"] == {"internal": True}
    assert WORKERS["security"].get("secrets") == ["redis_url_worker", "database_url_worker"]


def test_replicas_can_be_told_apart() -> None:
    """No service has a fixed name for its containers: workers are named after their host's."""
    assert not any({"hostname", "container_name"} & each.keys() for each in SERVICES.values())


def test_artifacts_are_written_where_the_image_says() -> None:
    """Every pool, housekeeping and the gateway share one volume, at the image's own folder."""
    place = environment("runtime", stages(ROOT / "Dockerfile"))["RISKFLEET_ARTIFACTS"]
    mounts = {name: each.get("volumes", []) for name, each in OURS.items()}
    having = {name for name, each in mounts.items() if each == [f"artifacts:{place}"]}

    assert having == {*BY_NAME, "gateway"}


def test_redis_forgets_nothing_and_stays_below_its_bound() -> None:
    """AOF every second, no eviction, and a child that rewrites the file fits beside the data."""
    lines = (ROOT / "ops/compose/valkey.conf").read_text().splitlines()
    directives = dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))
    limit = mebibytes(SERVICES["redis"]["deploy"]["resources"]["limits"]["memory"])

    assert (directives["appendonly"], directives["appendfsync"]) == ("yes", "everysec")
    assert directives["maxmemory-policy"] == "noeviction"
    assert int(directives["maxmemory"].removesuffix("mb")) * 2 <= limit
    assert directives["aclfile"] == "/run/secrets/redis_users"
    assert SERVICES["redis"]["command"] == ["valkey-server", "/etc/valkey/valkey.conf"]
