"""Metrics are shown where a port is set, and what keeps them from it is said by name."""

from __future__ import annotations

import socket
import subprocess
import sys

import httpx
import pytest

from config.environment import ConfigurationError
from config.metrics import MetricsSettings
from tests.fleet import ROOT
from workers.metrics import server
from workers.metrics.exporter import of_this_process, serve
from workers.metrics.server import check_extra


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_a_process_shows_itself() -> None:
    """What runs and what it uses is there without any worker."""
    port = _free_port()
    serve(of_this_process(), MetricsSettings(port=port))

    page = httpx.get(f"http://127.0.0.1:{port}/metrics").text

    assert 'riskfleet_build_info{celery="5.7.0",' in page
    assert "process_resident_memory_bytes" in page
    assert "_created" not in page


def test_a_taken_port_is_named() -> None:
    """The message says which setting to change."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        with pytest.raises(OSError, match=f"RISKFLEET_METRICS_PORT: cannot listen on .*:{port}"):
            serve(of_this_process(), MetricsSettings(port=port))


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker with a port and without prometheus_client says what to install; one without a port
    starts."""
    monkeypatch.setattr(server, "find_spec", lambda _: None)

    check_extra()
    monkeypatch.setenv("RISKFLEET_METRICS_PORT", "9540")
    with pytest.raises(ConfigurationError, match=r"pip install 'riskfleet\[metrics\]'"):
        check_extra()


def test_nothing_is_loaded_where_no_port_is_set() -> None:
    """An app that exports nothing does not need the extra."""
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, workers.run, workers.request, workers.supervisor.fleet;"
            "sys.exit('prometheus_client' in sys.modules)",
        ],
        cwd=ROOT,
        check=False,
    )

    assert loaded.returncode == 0
