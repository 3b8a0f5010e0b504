"""A fleet whose workers show their metrics, and a real Prometheus that reads them by our config."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import new_database
from tests.debian import program
from tests.fleet import ROOT, FleetUnderTest, eventually
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis

OPS = ROOT / "ops" / "prometheus"
POOLS = ("cpu", "gpu", "etl", "housekeeping")
"""Prefork, threads, spawn, and the one that sees the whole fleet."""


@dataclass(frozen=True)
class WatchedFleet:
    """A running fleet and where its workers show their metrics."""

    fleet: FleetUnderTest
    ports: dict[str, int]

    def samples(self, pool: str, name: str) -> dict[frozenset[tuple[str, str]], float]:
        """Give what a worker says under a name now, without the zeros."""
        page = httpx.get(f"http://127.0.0.1:{self.ports[pool]}/metrics").raise_for_status()
        families = text_string_to_metric_families(page.text)
        return {
            frozenset(sample.labels.items()): sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and sample.value
        }


@dataclass(frozen=True)
class Prometheus:
    """A running Prometheus."""

    url: str

    def get(self, path: str, **parameters: str) -> Any:
        """Ask its HTTP API, and give the data of the answer."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=parameters)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    def query(self, expression: str) -> list[Any]:
        """Give what an expression is now."""
        found: list[Any] = self.get("query", query=expression)["result"]
        return found


@pytest.fixture(scope="session")
def watched_fleet(
    tmp_path_factory: pytest.TempPathFactory, postgres: EmbeddedPostgres
) -> Iterator[WatchedFleet]:
    folder = tmp_path_factory.mktemp("watched")
    ports = {pool: _free_port() for pool in POOLS}
    with (
        EmbeddedRedis(folder / "redis") as redis,
        FleetUnderTest(folder, redis, new_database(postgres)) as fleet,
    ):
        for pool, port in ports.items():
            fleet.start(pool, RISKFLEET_METRICS_PORT=str(port))
        yield WatchedFleet(fleet, ports)


@pytest.fixture(scope="session")
def prometheus(
    tmp_path_factory: pytest.TempPathFactory, watched_fleet: WatchedFleet
) -> Iterator[Prometheus]:
    path, environment = program("prometheus")
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "alerts.yml").write_bytes((OPS / "alerts.yml").read_bytes())
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump(_our_config(watched_fleet.ports)))
    url = f"127.0.0.1:{_free_port()}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                path,
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={url}",
            ],
            env=environment,
            stdout=log,
            stderr=log,
        )
    eventually(lambda: process.poll() is not None or _is_ready(f"http://{url}"))
    assert process.poll() is None, (folder / "log").read_text()
    yield Prometheus(f"http://{url}")
    process.kill()
    process.wait()


def _our_config(ports: dict[str, int]) -> Any:
    """Give our config with these targets in the place of a container network's, and no patience."""
    config = yaml.safe_load((OPS / "prometheus.yml").read_text())
    [scrape] = config["scrape_configs"]
    del scrape["dns_sd_configs"]
    scrape["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in ports.values()]}]
    config["global"] = {
        "scrape_interval": "1s",
        "scrape_timeout": "1s",
        "evaluation_interval": "1s",
    }
    return config


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready").is_success
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
