"""Every settings type there is. A `RISKFLEET_*` variable that none of them knows is a mistake."""

from __future__ import annotations

from config.artifacts import ArtifactSettings
from config.database import DatabaseSettings
from config.fleet import FleetSettings, GivenServices
from config.flower import FlowerSettings
from config.gateway import GatewaySettings
from config.logs import LogSettings
from config.metrics import MetricsSettings
from config.pools import POOLS
from config.redis import RedisSettings
from config.retention import RetentionSettings
from config.settings import Settings
from config.tenants import TenantSettings
from config.tracing import OpenTelemetrySettings, TracingSettings
from config.workers import WorkerSettings

ALL_SETTINGS: tuple[type[Settings], ...] = (
    RedisSettings,
    DatabaseSettings,
    GivenServices,
    ArtifactSettings,
    FleetSettings,
    WorkerSettings,
    RetentionSettings,
    TenantSettings,
    *POOLS.values(),
    FlowerSettings,
    GatewaySettings,
    MetricsSettings,
    LogSettings,
    TracingSettings,
    OpenTelemetrySettings,
)
