"""The gateway as an ASGI app."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from workers.gateway import artifacts, events, health, jobs, schedules, tasks
from workers.gateway.failures import answer_failures
from workers.gateway.gateway import Gateway
from workers.gateway.openapi import document
from workers.gateway.submission import submission_routes


def gateway_app(gateway: Gateway) -> FastAPI:
    """Join the routes."""
    # No pages of documentation: they would load scripts from elsewhere.
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # The fleet traces jobs itself, and FastAPI's spans would hold the signatures of links.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.gateway = gateway
    answer_failures(app)
    for router in (
        tasks.router,
        submission_routes(),
        jobs.router,
        events.router,
        artifacts.router,
        schedules.router,
        health.router,
    ):
        app.include_router(router)
    described: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not described:
            described.update(document(app))
        return described

    app.openapi = openapi  # type: ignore[method-assign]
    return app
