"""Jobs over HTTP, from submission to result."""

from __future__ import annotations

import httpx

from tests.fleet import eventually


def test_a_job_is_submitted_and_its_result_read(client: httpx.Client) -> None:
    """A job asked for over HTTP runs, and its address gives what became of it."""
    sent = client.post("/v1/tasks/fleet.echo/jobs", json={"message": "hello"})
    assert sent.status_code == 202, sent.text
    job = eventually(
        lambda: (found := client.get(sent.headers["Location"]).json())["finishedAt"] and found
    )
    print(job, client.get("/openapi.json").json()["paths"].keys())

    assert (job["state"], job["result"]["message"]) == ("succeeded", "hello")
