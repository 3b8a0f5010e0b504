"""The events of a job over HTTP: live, from the middle, and after Redis has forgotten them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest

from queues.cancellation import request_cancellation
from queues.events import EventChannel
from queues.ledger.tokens import AccessTokens, ShownToken
from queues.names import events_key
from tests.fleet import FleetUnderTest, eventually
from tests.workers.gateway.conftest import RunningGateway, serving
from tests.workers.gateway.test_jobs import ended, sent

Told = tuple[str, dict[str, Any]]


@contextmanager
def following(client: httpx.Client, job: str, after: str | None = None) -> Iterator[httpx.Response]:
    """Open the stream of a job's events."""
    headers = {"Last-Event-ID": after} if after else {}
    with client.stream("GET", f"{job}/events", headers=headers) as stream:
        yield stream


def events_of(stream: httpx.Response) -> Iterator[Told]:
    """Read a stream of server-sent events to its end: (id, data)."""
    position = ""
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        if name == "id":
            position = value
        elif name == "data":
            yield position, json.loads(value)


def story(client: httpx.Client, job: str, after: str | None = None) -> list[Told]:
    """Follow a job to its end."""
    with following(client, job, after) as stream:
        return list(events_of(stream))


def kinds(told: list[Told]) -> list[str]:
    """What happened, progress aside."""
    return [event["kind"] for _, event in told if event["kind"] != "progress"]


def test_a_job_is_followed_as_it_runs(client: httpx.Client) -> None:
    """Who follows from the beginning hears everything, and the stream ends with the job."""
    job = sent(client, sleepSeconds=0.5)

    with following(client, job) as stream:
        told = list(events_of(stream))

    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert kinds(told) == ["accepted", "running", "succeeded"]
    assert any(0 < (event["fraction"] or 0) < 1 for _, event in told)
    assert {event["jobId"] for _, event in told} == {job.rpartition("/")[2]}


def test_a_stream_is_taken_up_where_it_broke_off(client: httpx.Client) -> None:
    """After any event, the rest follows: nothing is lost and nothing is told twice."""
    job = sent(client, sleepSeconds=0.3)
    whole = story(client, job)

    rests = [story(client, job, after=position) for position, _ in whole[:-1]]

    assert rests == [whole[number:] for number in range(1, len(whole))]


def test_a_stream_that_broke_off_is_taken_up_live(client: httpx.Client) -> None:
    """A client that lost its connection while the job ran hears what it missed, then the rest."""
    job = sent(client, sleepSeconds=0.6)
    with following(client, job) as stream:
        told = events_of(stream)
        heard = [next(told), next(told)]

    rest = story(client, job, after=heard[-1][0])

    assert heard + rest == story(client, job)


def test_after_the_last_event_there_is_nothing(client: httpx.Client) -> None:
    """A client that comes back after the end is told that nothing follows, and stops."""
    job = sent(client)
    last, _ = story(client, job)[-1]

    answer = client.get(f"{job}/events", headers={"Last-Event-ID": last})

    assert (answer.status_code, answer.content) == (204, b"")


def test_the_ledger_tells_what_redis_forgot(
    gateway_fleet: FleetUnderTest, client: httpx.Client
) -> None:
    """A day later, or with a new Redis, the story is told from the ledger, and only once."""
    job = sent(client, fail="changeRequest")
    before = story(client, job)
    gateway_fleet.redis.delete(events_key(job.rpartition("/")[2]))

    told = story(client, job)
    again = client.get(f"{job}/events", headers={"Last-Event-ID": told[-1][0]})
    from_before = client.get(f"{job}/events", headers={"Last-Event-ID": before[-1][0]})

    assert kinds(told) == ["accepted", "running", "failed"]
    assert told[-1][1]["error"]["code"] == "invalid_request"
    assert (again.status_code, from_before.status_code) == (204, 204)


def test_a_job_that_redis_forgot_while_it_ran_is_followed_on(
    gateway_fleet: FleetUnderTest, client: httpx.Client
) -> None:
    """What the ledger tells and what Redis tells from then on is one story."""
    job = sent(client, sleepSeconds=60)
    job_id = job.rpartition("/")[2]
    gateway_fleet.running(job_id)
    request_cancellation(gateway_fleet.redis, job_id)
    gateway_fleet.redis.delete(events_key(job_id))

    told = story(client, job)

    assert kinds(told) == ["accepted", "running", "cancelled"]
    assert [position for position, _ in told] == sorted(
        (position for position, _ in told), key=lambda each: tuple(map(int, each.split("-")))
    )


@pytest.mark.parametrize("position", ["nonsense", "1", "-1-0", f"{2**64}-0", "1-1-1"])
def test_a_position_is_one_that_was_given(client: httpx.Client, position: str) -> None:
    """What is no event's id is refused."""
    job = sent(client)
    answer = client.get(f"{job}/events", headers={"Last-Event-ID": position})

    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"] == "Last-Event-ID"


def test_a_token_holds_so_many_streams(gateway_fleet: FleetUnderTest) -> None:
    """One stream too many is refused until another has ended."""
    with serving(gateway_fleet, streams_per_token=1) as running, running.client() as client:
        job = sent(client, sleepSeconds=60)
        with following(client, job) as first, running.client(client_token(client)) as second:
            told = events_of(first)
            next(told)
            refused = second.get(f"{job}/events")
            second.post(f"{job}/cancel")
            list(told)
        ended(client, job)
        allowed = eventually(
            lambda: (answer := client.get(f"{job}/events")).status_code == 200 and answer
        )

    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert int(refused.headers["Retry-After"]) > 0
    assert "cancelled" in allowed.text


def client_token(client: httpx.Client) -> str:
    """The token that a client shows."""
    return client.headers["Authorization"].removeprefix("Bearer ")


def test_a_client_that_left_frees_its_stream(running: RunningGateway, client: httpx.Client) -> None:
    """Who closes the connection holds no stream any more, although the job goes on."""
    job = sent(client, sleepSeconds=60)
    with running.client(tenant="acme") as leaver:
        with following(leaver, job) as stream:
            told = events_of(stream)
            next(told)
            held = sum(running.gateway.streams.held.values())
        eventually(lambda: sum(running.gateway.streams.held.values()) == 0)
    client.post(f"{job}/cancel")

    assert held == 1


def test_a_follower_whose_token_is_revoked_is_sent_away(
    running: RunningGateway, client: httpx.Client
) -> None:
    """A stream that is open ends within seconds of the revocation, and is not opened again."""
    job = sent(client, sleepSeconds=30)
    text = running.token()
    shown = ShownToken.read(text)
    assert shown is not None

    with running.client(text) as other:
        with following(other, job) as stream:
            told = events_of(stream)
            next(told)
            AccessTokens(running.gateway.ledger.engine).revoke(shown.id)
            rest = [event["kind"] for _, event in told]
        again = other.get(f"{job}/events")
    request_cancellation(running.gateway.redis, job.rpartition("/")[2])

    assert not {"succeeded", "failed", "cancelled"} & set(rest)
    assert again.status_code == 401


def test_what_is_no_event_is_passed_over(running: RunningGateway, client: httpx.Client) -> None:
    """Backends may write into the stream of a job; nonsense there does not end the story."""
    job = sent(client, sleepSeconds=1)
    stream = events_key(job.rpartition("/")[2])

    with following(client, job) as followed:
        told = events_of(followed)
        first = next(told)
        for nonsense in ({b"event": b"\xff{"}, {b"other": b"x"}, {b"event": b"{}"}):
            running.gateway.redis.xadd(stream, nonsense)
        rest = list(told)

    assert kinds([first, *rest])[-1] == "succeeded"
    assert kinds(story(client, job)) == kinds([first, *rest])


def test_a_gateway_that_stops_sends_its_followers_elsewhere(gateway_fleet: FleetUnderTest) -> None:
    """On a stop a stream ends in order, with the word when to come back; the job goes on."""
    lines: list[str] = []
    with serving(gateway_fleet) as running, running.client() as client:
        job = sent(client, sleepSeconds=60)
        job_id = job.rpartition("/")[2]

        def follow() -> None:
            with following(client, job) as stream:
                lines.extend(stream.iter_lines())

        follower = threading.Thread(target=follow)
        follower.start()
        eventually(lambda: sum(running.gateway.streams.held.values()))
        running.stop()
        follower.join(30)

    assert not follower.is_alive()
    assert "retry: 2000" in lines
    assert gateway_fleet.ledger.get(UUID(job_id)).state == "running"  # type: ignore[union-attr]
    request_cancellation(gateway_fleet.redis, job_id)
    assert EventChannel(gateway_fleet.redis).last(job_id) is not None
