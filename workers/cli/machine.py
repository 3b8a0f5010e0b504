"""`fleet migrate`, `doctor` and `warm-up`: what must be right before anything runs."""

from __future__ import annotations

import typer

from config.database import DatabaseSettings
from config.environment import read
from workers.cli.connection import join_running_fleet
from workers.cli.failure import CommandFailed
from workers.cli.printing import AsJson, console, print_json


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(migrate)
    app.command()(doctor)
    app.command("warm-up")(compile_kernels)


def migrate() -> None:
    """Bring the ledger's tables to the newest version."""
    from queues.ledger import migrate as migrations  # here: it loads Alembic

    join_running_fleet()
    url = read(DatabaseSettings).url.get_secret_value()
    before = migrations.current(url)
    migrations.upgrade(url)
    after = migrations.current(url)
    if before == after:
        console.print(f"the ledger is at version {after}, the newest")
    else:
        console.print(f"migrated the ledger from {before or 'nothing'} to version {after}")


def doctor(as_json: AsJson = False) -> None:
    """Look for what is wrong, and say how to mend it."""
    from workers.doctor import examine  # here: it looks at everything, and loads it

    findings = examine()
    if as_json:
        print_json([vars(finding) for finding in findings])
    else:
        for finding in findings:
            told = f"{finding.grade:<6} {finding.subject:<15} {finding.found}"
            mend = f"\n{'':<22} -> {finding.mend}" if finding.mend else ""
            console.print(f"{told}{mend}", markup=False, soft_wrap=True)
    wrong = sum(finding.grade == "wrong" for finding in findings)
    if wrong:
        raise CommandFailed(f"{wrong} of {len(findings)} things are wrong")


def compile_kernels() -> None:
    """Compile what the workers run, so that the first worker does not wait for it."""
    from workers.warm_up import warm_up  # here: it loads every engine

    warm_up()
