"""The `fleet` command. One module a group of subcommands; this one joins them."""

from __future__ import annotations

import sys

import typer
from redis.exceptions import RedisError

from config.environment import ConfigurationError
from queues.ledger import LedgerRefused, LedgerUnavailable
from workers.cli import (
    acl,
    audit,
    contract,
    dead_letters,
    demo,
    gateway,
    health,
    jobs,
    machine,
    processes,
    schedules,
    shadow,
    submission,
    tasks,
    tenants,
    tokens,
    top,
)
from workers.cli.failure import FAILED, MISUSED, CommandFailed, CommandMisused
from workers.embedded.server import ServerFailed
from workers.supervisor.fleet_folder import AlreadyRunning, FolderUnusable

app = typer.Typer(
    name="fleet",
    help="Run a fleet of workers, and talk to it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_GROUPS = (
    processes,
    top,
    demo,
    submission,
    jobs,
    dead_letters,
    schedules,
    shadow,
    tasks,
    tenants,
    gateway,
    tokens,
    contract,
    machine,
    health,
    audit,
    acl,
)
for group in _GROUPS:
    group.add_to(app)


def main() -> None:
    """Run the command line. What goes wrong as it may is a line on stderr, not a traceback."""
    try:
        app()
    except (ConfigurationError, CommandMisused) as error:
        _end(error, MISUSED)
    except (CommandFailed, AlreadyRunning, FolderUnusable, ServerFailed) as error:
        _end(error, FAILED)
    except LedgerRefused as error:
        advice = "`fleet doctor` looks for the tables, `fleet acl postgres` says who may use them"
        _end(f"Postgres (DATABASE_URL) refuses: {error}; {advice}", FAILED)
    except LedgerUnavailable as error:
        _end(f"Postgres (DATABASE_URL) does not answer: {error}", FAILED)
    except RedisError as error:
        _end(f"Redis (REDIS_URL) does not answer: {error}", FAILED)


def _end(reason: object, status: int) -> None:
    print(f"fleet: {reason}", file=sys.stderr)
    sys.exit(status)
