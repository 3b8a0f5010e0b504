"""docs/operate.md and docs/on-call.md: every command can be given, every alert has its section."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from uuid import UUID

import pytest
import yaml

from config.catalogue import ALL_SETTINGS
from tests.fleet import ROOT
from tests.production.fleet_commands import is_name, misunderstood

OPERATE = ROOT / "docs" / "operate.md"
ON_CALL = ROOT / "docs" / "on-call.md"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def blocks(page: Path) -> str:
    """All code blocks, continued lines joined."""
    return "\n".join(re.findall(r"^```\w*\n(.*?)^```", page.read_text(), re.M | re.S)).replace(
        "\\\n", " "
    )


def typed(page: Path) -> list[str]:
    """Every `fleet ...` in blocks, without what a shell does with it."""
    return sorted(set(re.findall(r"(?:^|[ (])(fleet [a-z][^\n|;>}]*)", blocks(page), re.M)))


def named(page: Path) -> list[str]:
    """Every `fleet ...` in a sentence."""
    inline = r"`(?:docker compose exec \w+ )?(fleet [a-z][^`\n]*)`"
    return sorted(set(re.findall(inline, page.read_text())))


def words(command: str) -> list[str]:
    """Split a command, with something for what stands for something."""
    text = re.sub(r"\$JOB|<job>", str(UUID(int=1)), command).replace('"$1"', "redis")
    return shlex.split(re.sub(r"<(\w+)>", r"\1", text))


@pytest.mark.parametrize("command", typed(OPERATE))
def test_a_command_can_be_given(command: str) -> None:
    """What a reader is told to type is understood, with its options."""
    assert misunderstood(words(command)) is None


@pytest.mark.parametrize("page", [OPERATE, ON_CALL], ids=lambda page: page.name)
def test_a_command_that_is_mentioned_exists(page: Path) -> None:
    """What a sentence speaks of can be given too, or is the name of what can."""
    assert named(page)
    for command in named(page):
        assert is_name(words(command)) or misunderstood(words(command)) is None, command


def test_every_secret_is_made() -> None:
    """The first section makes each file that compose hands out."""
    start = OPERATE.read_text().split("## Start it")[1].split("\n## ")[0]
    files = {Path(each["file"]).name for each in COMPOSE["secrets"].values()}

    assert {name for name in files if name not in start} == set()


@pytest.mark.parametrize("page", [OPERATE, ON_CALL], ids=lambda page: page.name)
def test_names_are_names(page: Path) -> None:
    """Settings, services and files that the page speaks of are there."""
    text = page.read_text()
    known = {variable for kind in ALL_SETTINGS for variable, _, _ in kind.fields()}
    settings = set(re.findall(r"RISKFLEET_[A-Z_]+[A-Z]", text)) - {"RISKFLEET_X"}
    files = re.findall(r"\b(?:ops|tests|benchmarks|docs)/[\w./-]*\w", text)

    assert {each for each in settings if each not in known} == set()
    assert {each for each in files if not (ROOT / each).exists()} == set()
    for services in re.findall(r"docker compose (?:stop|start|restart) ([\w ]+)", text):
        assert set(services.split()) <= COMPOSE["services"].keys()
    for link in re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", text):
        assert (page.parent / link).exists(), link


def test_every_alert_has_its_section() -> None:
    """An alert's runbook is a heading that is there."""
    alerts = yaml.safe_load((ROOT / "ops/prometheus/alerts.yml").read_text())["groups"]
    headings = {
        (page, heading.lower().replace(" ", "-"))
        for page in ("docs/operate.md", "docs/on-call.md")
        for heading in re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.M)
    }

    for alert in (rule for group in alerts for rule in group["rules"]):
        page, _, anchor = alert["annotations"]["runbook"].partition("#")
        assert (page, anchor) in headings, alert["alert"]
