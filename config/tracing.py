"""Where spans of jobs are sent."""

from __future__ import annotations

from pydantic import PositiveInt, SecretStr
from pydantic_settings import SettingsConfigDict

from config.settings import Settings
from config.urls import HttpUrl


class TracingSettings(Settings):
    """OpenTelemetry; off unless an endpoint is given, here or in the standard's own variable."""

    otlp_endpoint: HttpUrl | None = None
    """A collector that takes OTLP over HTTP, as `http://collector:4318`; it precedes
    `OTEL_EXPORTER_OTLP_ENDPOINT`. Spans go to `/v1/traces` below it."""


class OpenTelemetrySettings(Settings):
    """OpenTelemetry's own variables. Its library reads further ones, as for samplers, itself."""

    model_config = SettingsConfigDict(env_prefix="OTEL_")

    exporter_otlp_endpoint: HttpUrl | None = None
    """As `RISKFLEET_OTLP_ENDPOINT`."""
    exporter_otlp_headers: SecretStr | None = None
    """What the collector asks for, as `name=value,other=value`."""
    bsp_schedule_delay: PositiveInt = 1000
    """Spans are sent every so many milliseconds; what a killed process has made since is lost."""
    service_name: str = "riskfleet"
    """What the spans say they are from."""
