"""The TypeScript client, and a foreign Celery client from npm, against a real fleet."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.fleet import ROOT, FleetUnderTest

CLIENT = ROOT / "clients" / "typescript"


@pytest.mark.skipif(
    shutil.which("npm") is None or not (CLIENT / "node_modules").exists(),
    reason="the TypeScript client needs Node 20 and `make setup`",
)
def test_typescript_client(shared_fleet: FleetUnderTest) -> None:
    """Every promise of clients/typescript/test/fleet holds against workers that run."""
    environment = os.environ | {
        "RISKFLEET_TEST_REDIS_URL": shared_fleet.redis_server.url,
        "RISKFLEET_TEST_DATABASE_URL": shared_fleet.database_url,
    }

    run = subprocess.run(
        ["npm", "run", "test:fleet"],
        cwd=CLIENT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
