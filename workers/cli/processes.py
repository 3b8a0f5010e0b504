"""`fleet up` and its addresses, and each process of a fleet on its own."""

from __future__ import annotations

import asyncio
import shlex
import sys
from typing import Annotated

import typer

from config.environment import read
from config.fleet import FleetSettings, GivenServices
from config.native_threads import limit_native_threads
from config.pools import POOLS
from workers.cli.failure import FAILED, CommandFailed, CommandMisused
from workers.cli.printing import console
from workers.supervisor.fleet_folder import FleetFolder


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(up)
    app.command()(env)
    app.command()(worker)
    app.command()(beat)
    app.command()(flower)


def up(
    pools: Annotated[
        str, typer.Option(help="Which pools, with commas between; all unless given.")
    ] = "",
    data: Annotated[str, typer.Option(help="The data folder; .fleet unless given.")] = "",
    gateway: Annotated[bool, typer.Option("--gateway", help="Serve the fleet over HTTP.")] = False,
) -> None:
    """Run everything: embedded services unless URLs are given, migrations, workers, Flower."""
    # Here, like all that loads Celery or servers: other commands start the sooner.
    from queues.redis_connection import connect
    from workers.supervisor.console import PrefixedLog
    from workers.supervisor.fleet import plan_fleet
    from workers.supervisor.supervisor import Supervisor

    options = {"RISKFLEET_POOLS": pools, "RISKFLEET_DATA": data}
    settings, given = read(
        FleetSettings,
        GivenServices,
        overrides={name: value for name, value in options.items() if value},
    )
    for name in settings.pools:
        read(POOLS[name])  # what is wrong with one is better said here than by its dying workers
    if given.redis_url is not None:
        connect(given.redis_url.get_secret_value()).ping()  # or workers would wait for it in vain
    say = PrefixedLog(console)
    folder = FleetFolder(settings.data)
    with folder.locked() as lock:
        fleet = plan_fleet(folder.path, settings.pools, given, with_gateway=gateway)

        def when_up() -> None:
            folder.publish(fleet.variables)
            folder.publish_metrics(fleet.metrics)
            say("fleet", f"up; data in {folder.path}")
            say(
                "fleet",
                f"addresses in {folder.addresses}; `fleet env` prints REDIS_URL and DATABASE_URL",
            )
            if fleet.flower_url is not None:
                say("fleet", f"Flower: {fleet.flower_url} (password in {fleet.flower_password_at})")
            if fleet.gateway_url is not None:
                say("fleet", f"gateway: {fleet.gateway_url}; `fleet tokens create` lets you in")
            for name, place in fleet.metrics.items():
                say("fleet", f"metrics of {name}: http://{place}/metrics")

        supervisor = Supervisor(fleet.stages, say=say, when_up=when_up, keep_open=[lock])
        came_up = asyncio.run(supervisor.run())
    if not came_up:
        sys.exit(FAILED)


def env() -> None:
    """Print the addresses of the fleet that runs here, for a shell: `eval "$(fleet env)"`."""
    folder = FleetFolder(read(FleetSettings).data)
    variables = folder.running_fleet()
    if not variables:
        raise CommandFailed(
            f"no fleet is up in {folder.path}; start one with `fleet up`, "
            "or name its folder in RISKFLEET_DATA"
        )
    for name in ("REDIS_URL", "DATABASE_URL"):
        print(f"export {name}={shlex.quote(variables[name])}")


def worker(
    pool: Annotated[str, typer.Argument(help="cpu, gpu, etl, security or housekeeping.")],
) -> None:
    """Run one worker of a pool until it is told to stop."""
    from workers.pools import BY_NAME

    if pool not in BY_NAME:
        raise CommandMisused(f"no pool is called {pool}; there are {', '.join(BY_NAME)}")
    threads = BY_NAME[pool].native_threads
    if threads is not None:
        limit_native_threads(threads)
    from workers.run import run_worker  # after the limit: it loads NumPy

    sys.exit(run_worker(pool))


def beat() -> None:
    """Send what is scheduled, when it is due."""
    from workers.schedules.beat import run_beat

    run_beat()


def flower() -> None:
    """Serve Flower, the view of running workers."""
    from workers.flower import run_flower

    run_flower()
