"""`fleet up` runs a fleet; the other commands find it, use it, and it leaves nothing behind."""

from __future__ import annotations

import base64
import http.client
import json
import shlex
import signal
import socket
import urllib.request
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from redis import Redis

from queues.dead_letters import DeadLetters
from queues.ledger import State
from queues.names import Queue
from tests.fleet import ROOT, eventually
from tests.workers.cli.conftest import RunningFleet


def test_a_scenario_is_submitted_watched_and_reported(running_fleet: RunningFleet) -> None:
    """`submit --watch` shows progress on stderr and the analyst's report on stdout."""
    request = str(ROOT / "examples" / "ransomware.json")

    ended = running_fleet.command("submit", "prism.simulate_scenario", request, "--watch")

    assert ended.returncode == 0, ended.stderr
    assert "succeeded   100.0%" in ended.stderr
    assert "probability of more than the appetite of 2,000,000" in ended.stdout
    picture = ended.stdout.split("picture: file://")[1].strip()
    assert Path(picture).read_bytes().startswith(b"\x89PNG")


def test_a_program_reads_events_and_the_job(running_fleet: RunningFleet) -> None:
    """With --json every line is a document: the id, each event, then the job with its result."""
    job_id = str(uuid4())

    ended = running_fleet.command(
        *("submit", "fleet.echo", "-", "--id", job_id, "--tenant", "acme", "--watch", "--json"),
        stdin='{"message": "hello", "sleepSeconds": 0.3}',
    )

    first, *events, job = [json.loads(line) for line in ended.stdout.splitlines()]
    assert first == {"jobId": job_id, "submitted": "created"}
    assert [events[0]["kind"], events[-1]["kind"]] == ["accepted", "succeeded"]
    assert (job["id"], job["tenant"], job["state"]) == (job_id, "acme", "succeeded")
    assert job["result"] == {"message": "hello", "allocatedBytes": 0}


def test_an_id_is_one_job(running_fleet: RunningFleet) -> None:
    """The same id and request is the same job; with another request it is refused."""
    submit = ("submit", "fleet.echo", "-", "--id", str(uuid4()))
    requests = ('{"message": "one"}', '{"message": "one"}', '{"message": "two"}')

    ended = [running_fleet.command(*submit, stdin=request) for request in requests]

    assert [each.returncode for each in ended] == [0, 0, 1]
    assert "already belongs to another request" in ended[2].stderr


def test_a_failed_job_ends_the_command_with_1(running_fleet: RunningFleet) -> None:
    """Whoever watches a job that fails learns its code and what can be done about it."""
    ended = running_fleet.command(
        "submit", "fleet.echo", "-", "--watch", stdin='{"fail": "changeRequest"}'
    )

    assert ended.returncode == 1
    assert "(invalid_request, change_request)" in ended.stderr
    assert "fail: expected no failure to be asked for, received changeRequest" in ended.stderr


def test_a_job_is_listed_shown_and_watched_again(running_fleet: RunningFleet) -> None:
    """What has ended can be found by its id: in the list, in the ledger, and by watching."""
    command = running_fleet.command
    job_id = command("submit", "fleet.echo", "-", stdin='{"message": "again"}').stdout.strip()

    watched = command.json("watch", job_id)
    shown = command.json("show", job_id)
    listed = command.json("jobs", "--task", "fleet.echo")

    assert watched["result"]["message"] == "again"
    assert [event["kind"] for event in shown["events"]] == ["accepted", "running", "succeeded"]
    assert job_id in [job["id"] for job in listed]
    assert "state         succeeded" in command("show", job_id).stdout


def test_a_running_job_is_cancelled(running_fleet: RunningFleet) -> None:
    """`cancel` ends a job that runs; cancelling what has ended is refused."""
    command = running_fleet.command
    job_id = command("submit", "fleet.echo", "-", stdin='{"sleepSeconds": 600}').stdout.strip()

    asked = command("cancel", job_id, "--reason", "not needed")
    watched = command("watch", job_id)
    again = command("cancel", job_id)

    assert (asked.returncode, watched.returncode, again.returncode) == (0, 1, 1)
    assert f"job {job_id} cancelled: not needed" in watched.stderr
    assert again.stderr == f"fleet: job {job_id} is already cancelled\n"


def test_cancelling_an_unknown_job_says_so(running_fleet: RunningFleet) -> None:
    """An id that neither the ledger nor Redis knows is probably a slip, and is told."""
    job_id = str(uuid4())

    ended = running_fleet.command("cancel", job_id)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"fleet: no job {job_id} is known here")


def test_a_shell_gets_the_addresses(running_fleet: RunningFleet) -> None:
    """`fleet env` prints what `eval` makes variables of, with any quoting that needs."""
    ended = running_fleet.command("env")

    exported = [shlex.split(line) for line in ended.stdout.splitlines()]
    names = ("REDIS_URL", "DATABASE_URL")
    assert exported == [["export", f"{name}={running_fleet.addresses[name]}"] for name in names]
    assert "`fleet env` prints REDIS_URL" in running_fleet.log.read_text()


def test_dead_letters_are_read_sent_again_and_dropped(running_fleet: RunningFleet) -> None:
    """What could not be read can be looked at, given another try, and forgotten."""
    command = running_fleet.command
    redis = Redis.from_url(running_fleet.addresses["REDIS_URL"])
    redis.lpush(Queue.CPU, b"not a \x1b[2J message")
    eventually(lambda: DeadLetters(redis).count() == 1)

    [letter] = command.json("dead-letters", "list")
    shown = command.json("dead-letters", "show", letter["id"])
    printed = command("dead-letters", "show", letter["id"]).stdout
    replayed = command("dead-letters", "replay", letter["id"])
    eventually(lambda: DeadLetters(redis).count() == 1)
    [returned] = command.json("dead-letters", "list")
    dropped = command("dead-letters", "drop", returned["id"])

    assert (letter["reason"], shown["raw"]) == ("not_json", "not a \x1b[2J message")
    assert "not a \\x1b[2J message" in printed
    assert (replayed.stdout, dropped.stdout) == ("1 sent again\n", "1 dropped\n")
    assert letter["id"] != returned["id"]
    assert command.json("dead-letters", "list") == []


def test_a_schedule_is_added_paused_and_removed(running_fleet: RunningFleet) -> None:
    """Jobs can be sent by the clock; beat takes a new schedule up while it runs."""
    command = running_fleet.command

    added = command(
        *("schedules", "add", "ping", "fleet.echo", "-", "--every", "1", "--tenant", "clock"),
        stdin='{"message": "tick"}',
    )
    eventually(lambda: len(running_fleet.ledger.jobs(tenant="clock")) >= 2)
    paused = command("schedules", "pause", "ping", "--tenant", "clock")
    [schedule] = command.json("schedules", "list")
    removed = command("schedules", "remove", "ping", "--tenant", "clock")

    assert (added.returncode, paused.returncode, removed.returncode) == (0, 0, 0)
    assert (schedule["name"], schedule["everySeconds"], schedule["enabled"]) == ("ping", 1, False)
    assert command.json("schedules", "list") == []
    assert command("schedules", "remove", "ping", "--tenant", "clock").returncode == 1


def test_flower_wants_its_password(running_fleet: RunningFleet) -> None:
    """Flower shows itself to who knows the password, which lies in the data folder."""
    folder = running_fleet.command.folder / ".fleet"
    [line] = [line for line in running_fleet.log.read_text().splitlines() if "Flower: " in line]
    host = line.split("http://")[1].split()[0]
    password = (folder / "flower-password").read_text()
    credentials = base64.b64encode(f"fleet:{password}".encode()).decode()

    def status(**headers: str) -> int:
        connection = http.client.HTTPConnection(host, timeout=10)
        connection.request("GET", "/workers", headers=headers)
        return connection.getresponse().status

    assert (status(), status(Authorization=f"Basic {credentials}")) == (401, 200)
    assert password not in running_fleet.log.read_text()


def test_each_worker_shows_its_metrics(running_fleet: RunningFleet) -> None:
    """Prometheus finds the workers in a file of the data folder, on loopback."""
    path = running_fleet.command.folder / ".fleet" / "metrics-targets.json"
    targets = json.loads(path.read_text())

    places = {each["labels"]["service"]: each["targets"][0] for each in targets}
    assert places.keys() == {"cpu", "housekeeping"}
    for name, place in places.items():
        assert place.startswith("127.0.0.1:")
        assert f"metrics of {name}: http://{place}/metrics" in running_fleet.log.read_text()
        with urllib.request.urlopen(f"http://{place}/metrics") as page:
            assert f'riskfleet_slots{{queue="{name}"}}' in page.read().decode()


def test_the_doctor_finds_the_running_fleet(running_fleet: RunningFleet) -> None:
    """With a fleet running, its services are looked at and found well."""
    findings = {each["subject"]: each for each in running_fleet.command.json("doctor")}

    assert {findings[name]["grade"] for name in ("fleet", "redis", "postgres")} == {"fine"}


def test_a_second_fleet_in_the_folder_is_refused(running_fleet: RunningFleet) -> None:
    """One folder, one fleet: the second is told which process the first is."""
    ended = running_fleet.command("up")

    folder = running_fleet.command.folder / ".fleet"
    assert ended.returncode == 1
    assert ended.stderr == (
        f"fleet: a fleet already runs in {folder} (process {running_fleet.process.pid})\n"
    )


def test_a_killed_worker_is_started_again(running_fleet: RunningFleet) -> None:
    """A worker that dies is replaced, and its job is done by another attempt."""
    command = running_fleet.command
    job_id = command("submit", "fleet.echo", "-", stdin='{"sleepSeconds": 2}').stdout.strip()
    eventually(lambda: running_fleet.ledger.jobs(state=State.RUNNING))

    [worker] = [
        process
        for process in psutil.Process(running_fleet.process.pid).children()
        if process.cmdline()[-2:] == ["worker", "cpu"]
    ]
    worker.kill()

    assert command.json("watch", job_id)["attempt"] == 2
    assert "was killed by SIGKILL; starts again in 0.5 s" in running_fleet.log.read_text()


def _listening(processes: list[psutil.Process]) -> list[int]:
    connections = [each for process in processes for each in process.net_connections("tcp")]
    return [each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_behind(tmp_path: Path, end: signal.Signals) -> None:
    """After Ctrl-C, and even after kill -9, no process lives and every port is free."""
    fleet = RunningFleet.started(tmp_path, "--pools", "etl")
    family = psutil.Process(fleet.process.pid).children(recursive=True)
    ports = _listening(family)

    fleet.process.send_signal(end)
    status = fleet.process.wait(60)

    assert status == (0 if end == signal.SIGINT else -end)
    assert len(ports) == 4  # Redis, Flower, and the metrics of two workers
    assert psutil.wait_procs(family, timeout=60)[1] == []
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()
