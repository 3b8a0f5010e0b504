"""Each role of Postgres can do its work, and nothing beside it."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from queues.ledger import Claimed, Ledger, State, Submission, migrate, retention, statistics
from queues.ledger.audit import Action, AuditTrail
from queues.ledger.overview import overview
from queues.ledger.roles import BACKEND, READONLY, WORKER, roles_sql, scram_verifier
from tests.access.guarded_postgres import GuardedDatabase

ENQUEUE = "INSERT INTO riskfleet.outbox (id, task, request) VALUES (gen_random_uuid(), 't', '{}')"

FORBIDDEN = {
    BACKEND: [
        # To say who wrote a row, or when, or to change what waits.
        "INSERT INTO riskfleet.outbox (id, task, request, enqueued_by)"
        " VALUES (gen_random_uuid(), 't', '{}', 'somebody')",
        "INSERT INTO riskfleet.outbox (id, task, request, enqueued_at)"
        " VALUES (gen_random_uuid(), 't', '{}', now() - interval '1 year')",
        f"{ENQUEUE} RETURNING id",
        "SELECT FROM riskfleet.outbox",
        "UPDATE riskfleet.outbox SET tenant = 'other'",
        "DELETE FROM riskfleet.outbox",
        "TRUNCATE riskfleet.outbox",
        # To read anything of the fleet's, or write it.
        *(
            f"SELECT FROM riskfleet.{table}"
            for table in (
                *("job", "job_event", "task_statistics", "tenant", "access_token"),
                *("audit_event", "schedule", "shadow_comparison", "alembic_version"),
            )
        ),
        "UPDATE riskfleet.job SET result = '{}'",
        "INSERT INTO riskfleet.audit_event (actor, action) VALUES ('x', 'submit')",
        "INSERT INTO riskfleet.tenant (name) VALUES ('acme')",
        "INSERT INTO riskfleet.access_token (id, tenant, name, sha256)"
        " VALUES (gen_random_uuid(), 'acme', 'x', sha256(''))",
        "SELECT riskfleet.announce_outbox()",
        "SELECT riskfleet.keep_job_event()",
        "CREATE TABLE riskfleet.mine ()",
        "DROP TABLE riskfleet.outbox",
        "ALTER TABLE riskfleet.outbox DISABLE TRIGGER announce_outbox",
        "SET ROLE riskfleet_worker",
    ],
    WORKER: [
        # To change or lose what was recorded.
        "UPDATE riskfleet.audit_event SET actor = 'somebody'",
        "DELETE FROM riskfleet.audit_event",
        "TRUNCATE riskfleet.audit_event",
        "UPDATE riskfleet.job_event SET kind = 'failed'",
        "DELETE FROM riskfleet.job_event",
        "TRUNCATE riskfleet.job CASCADE",
        "ALTER TABLE riskfleet.audit_event DISABLE TRIGGER keep_audit_event",
        # To change what the tables are.
        "UPDATE riskfleet.alembic_version SET version_num = '0001'",
        "CREATE TABLE riskfleet.mine ()",
        "DROP TABLE riskfleet.job",
        "CREATE FUNCTION riskfleet.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE somebody",
        # To see what the backend keeps beside them.
        "SELECT FROM backend.customer",
    ],
    READONLY: [
        "UPDATE riskfleet.job SET state = 'accepted'",
        "DELETE FROM riskfleet.job",
        ENQUEUE,
        "INSERT INTO riskfleet.audit_event (actor, action) VALUES ('x', 'submit')",
        "SELECT FROM riskfleet.access_token",
        "SELECT FROM backend.customer",
    ],
}


@pytest.mark.parametrize(
    ("role", "statement"),
    [(role, statement) for role, forbidden in FORBIDDEN.items() for statement in forbidden],
)
def test_role_may_not(guarded_database: GuardedDatabase, role: str, statement: str) -> None:
    """What is not a role's work is refused by Postgres, whatever a program tries."""
    with (
        psycopg.connect(guarded_database.url_of(role)) as connection,
        pytest.raises(InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


def test_backend_enqueues(guarded_database: GuardedDatabase) -> None:
    """A backend writes whatever it may say of a job, and Postgres says who did and when."""
    with psycopg.connect(guarded_database.url_of(BACKEND)) as connection:
        connection.execute(
            "INSERT INTO riskfleet.outbox (id, task, tenant, priority, request, expected,"
            " schema_hash, traceparent, tracestate, not_before, deadline, origin)"
            " VALUES (gen_random_uuid(), 't', 'acme', 'high', '{}', '{}',"
            " '', '', '', now(), now(), 'billing')"
        )

    with psycopg.connect(guarded_database.url_of(WORKER)) as connection:
        [written] = connection.execute(
            "DELETE FROM riskfleet.outbox RETURNING enqueued_by, enqueued_at <= now()"
        ).fetchall()
    assert written == (BACKEND, True)


def test_fleet_works_as_worker(guarded_database: GuardedDatabase) -> None:
    """Workers and housekeeping need no more than their role has."""
    url = guarded_database.url_of(WORKER)
    ledger, job_id = Ledger(url), uuid4()
    trail = AuditTrail(ledger.engine)
    ask = Submission(
        id=job_id,
        task="fleet.echo",
        tenant="acme",
        queue="cpu",
        priority="normal",
        request="{}",
        request_hash="4b1d",
        headers={"origin": "billing@host"},
    )

    ledger.register([ask])
    claimed = ledger.claim(ask, worker="cpu@here", lease=timedelta(minutes=1), versions="1")
    assert isinstance(claimed, Claimed)
    ledger.renew("cpu@here", [job_id], timedelta(minutes=1))
    assert ledger.finish(job_id, claimed.fence, State.SUCCEEDED, result="{}")
    trail.record(actor="cli:somebody@here", action=Action.REPLAY, job_id=job_id)
    now = datetime.now(UTC)

    # Other tests of this folder leave jobs in the same database.
    assert statistics.record(ledger.engine, now - timedelta(hours=1), now) >= 1
    assert overview(ledger.engine).outbox_rows == 0
    assert migrate.current(url) == migrate.head()
    acts = [event.action for event in trail.events(job_id=job_id)]
    assert acts == [Action.REPLAY, Action.ACCEPTED]
    kept = timedelta(0)
    policy = retention.Retention(succeeded=kept, failed=kept, cancelled=kept)
    assert retention.apply(ledger.engine, policy, now + timedelta(1))[State.SUCCEEDED] >= 1
    assert ledger.events(job_id) == []
    ledger.close()


def test_readonly_reads(guarded_database: GuardedDatabase) -> None:
    """Whoever watches sees jobs and the audit trail."""
    ledger = Ledger(guarded_database.url_of(READONLY))

    assert overview(ledger.engine).outbox_rows == 0
    assert ledger.jobs(tenant="nobody") == []
    assert AuditTrail(ledger.engine).events(tenant="nobody") == []
    ledger.close()


def test_grants_again_change_nothing(guarded_database: GuardedDatabase) -> None:
    """The statements may be run any number of times, and passwords that are not given stay."""
    before = guarded_database.privileges()

    guarded_database.run(roles_sql({}))

    assert guarded_database.privileges() == before
    with psycopg.connect(guarded_database.url_of(READONLY)) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (READONLY,)


def test_what_was_granted_too_much_is_taken_back(guarded_database: GuardedDatabase) -> None:
    """Running the statements leaves each role with what they say, whatever it had."""
    before = guarded_database.privileges()
    guarded_database.run(["GRANT ALL ON riskfleet.job TO riskfleet_backend;"])
    assert guarded_database.privileges() != before

    guarded_database.run(roles_sql({}))

    assert guarded_database.privileges() == before


def test_tables_of_later_migrations_are_granted(guarded_database: GuardedDatabase) -> None:
    """A table that a later version adds is open to workers at once, and closed to backends."""
    guarded_database.run(["CREATE TABLE riskfleet.later (id int);"])

    reads: Callable[[str], str] = (
        "SELECT has_table_privilege('{}', 'riskfleet.later', 'SELECT')".format
    )
    with psycopg.connect(guarded_database.url_of(WORKER)) as connection:
        granted = {
            role: connection.execute(reads(role).encode()).fetchone()
            for role in (BACKEND, WORKER, READONLY)
        }
    guarded_database.run(["DROP TABLE riskfleet.later;"])

    assert granted == {BACKEND: (False,), WORKER: (True,), READONLY: (True,)}


def test_scram_verifier() -> None:
    """RFC 7677's example: what the server keeps of `pencil` gives the signature that is printed."""
    verifier = scram_verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    server_key = base64.b64decode(verifier.rpartition(":")[2])
    exchanged = (
        "n=user,r=rOprNGfwEbeRWgbNEkqO,"
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    )

    signature = hmac.digest(server_key, exchanged.encode(), "sha256")

    assert base64.b64encode(signature) == b"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
