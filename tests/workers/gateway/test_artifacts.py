"""Files of a result are fetched by links that are signed and pass, and by nothing else."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from tests.fleet import ROOT, FleetUnderTest
from tests.workers.gateway.conftest import RunningGateway
from tests.workers.gateway.test_jobs import ended
from workers.gateway.artifact_links import ArtifactLinks
from workers.gateway.problem import Refused


@pytest.fixture(scope="session")
def job(client: httpx.Client) -> str:
    """A finished job whose result has a picture."""
    content = (ROOT / "examples" / "ransomware.json").read_bytes()
    answer = client.post(
        "/v1/tasks/prism.simulate_scenario/jobs",
        content=content,
        headers={"Content-Type": "application/json"},
    )
    address = answer.headers["Location"]
    assert ended(client, address)["state"] == "succeeded"
    return address


def link(client: httpx.Client, job: str) -> dict[str, Any]:
    """A fresh link to the job's picture."""
    [picture] = client.get(f"{job}/artifacts").json()["artifacts"]
    return dict(picture)


def test_a_picture_is_fetched_by_its_link(
    running: RunningGateway, client: httpx.Client, job: str
) -> None:
    """Whoever has the link gets the file, whole, with its type, its name and its hash."""
    picture = link(client, job)

    answer = httpx.get(running.address + picture["url"])
    known = httpx.get(
        running.address + picture["url"], headers={"If-None-Match": answer.headers["ETag"]}
    )
    head = httpx.head(running.address + picture["url"])

    assert answer.content.startswith(b"\x89PNG")
    assert hashlib.sha256(answer.content).hexdigest() == picture["sha256"]
    assert (answer.headers["Content-Type"], answer.headers["ETag"]) == (
        "image/png",
        f'"{picture["sha256"]}"',
    )
    disposition = f'attachment; filename="{picture["sha256"][:12]}.png"'
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (known.status_code, known.content) == (304, b"")
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(picture["sizeBytes"]))


@pytest.mark.parametrize("change", ["signature", "expires", "job", "sha256"])
def test_a_link_that_was_changed_is_refused(
    running: RunningGateway, client: httpx.Client, job: str, change: str
) -> None:
    """A link is good for its file, its job and its time, and not a second longer."""
    parts = urlsplit(link(client, job)["url"])
    [_, _, _, job_id, sha256] = parts.path.split("/")
    signed = {name: values[0] for name, values in parse_qs(parts.query).items()}
    match change:
        case "signature":
            signed["signature"] = "0" * 64
        case "expires":
            signed["expires"] = str(int(signed["expires"]) + 1)
        case "job":
            job_id = str(uuid4())
        case "sha256":
            sha256 = "0" * 64

    answer = httpx.get(f"{running.address}/v1/artifacts/{job_id}/{sha256}?{urlencode(signed)}")

    assert (answer.status_code, answer.json()["code"]) == (403, "link_not_valid")


def test_a_link_is_good_for_its_time() -> None:
    """A link is taken until its time has passed, and by a gateway with the same key only."""
    now = 1_700_000_000.0
    links = ArtifactLinks(SecretStr("k" * 32), lifetime=timedelta(minutes=5), clock=lambda: now)
    strangers = ArtifactLinks(SecretStr("s" * 32), lifetime=timedelta(minutes=5), clock=lambda: now)
    job_id, sha256, until = uuid4(), "a" * 64, links.expiry()
    query = parse_qs(urlsplit(links.path(job_id, sha256, until=until)).query)
    signed = {"expires": int(query["expires"][0]), "signature": query["signature"][0]}

    links.check(job_id, sha256, **signed)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        strangers.check(job_id, sha256, **signed)  # type: ignore[arg-type]
    now += 300
    with pytest.raises(Refused):
        links.check(job_id, sha256, **signed)  # type: ignore[arg-type]


def test_what_a_caller_wrote_is_no_artifact(
    gateway_fleet: FleetUnderTest, client: httpx.Client
) -> None:
    """A reference in a request or a text of a result opens no file: only a declared one does."""
    secret = gateway_fleet.folder / "artifacts" / "ab" / ("c" * 62)
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.write_bytes(b"another's")
    forged = {
        "uri": secret.as_uri(),
        "sha256": hashlib.sha256(b"another's").hexdigest(),
        "sizeBytes": 9,
        "mediaType": "text/plain",
    }
    answer = client.post("/v1/tasks/fleet.echo/jobs", json={"message": str(forged)})
    ended(client, answer.headers["Location"])

    artifacts = client.get(f"{answer.headers['Location']}/artifacts").json()["artifacts"]

    assert artifacts == []


def test_a_file_that_is_gone_is_not_there(
    gateway_fleet: FleetUnderTest, running: RunningGateway, client: httpx.Client, job: str
) -> None:
    """A link outlives the file when retention has deleted it; that is said, not an error."""
    picture = link(client, job)
    file = Path(urlsplit(picture["uri"]).path)
    aside = file.rename(file.with_suffix(".aside"))

    answer = httpx.get(running.address + picture["url"])

    aside.rename(file)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
