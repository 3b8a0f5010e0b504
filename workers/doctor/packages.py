"""Whether what the project asks for is installed, extra by extra."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from workers.doctor.finding import Finding, Grade


def examine() -> Iterator[Finding]:
    """Compare what is installed with what the project asks for, extra by extra."""
    wanted: dict[str, list[Requirement]] = {}
    for text in requires("riskfleet") or []:
        requirement = Requirement(text)
        extra = _extra_of(requirement)
        wanted.setdefault(extra, []).append(requirement)
    for extra, requirements in wanted.items():
        faults = [fault for each in requirements if (fault := _fault(each))]
        subject = f"extra {extra}" if extra else "packages"
        if not faults:
            yield Finding(subject, Grade.FINE, ", ".join(map(_installed, requirements)))
        elif extra:
            mend = f"pip install 'riskfleet[{extra}]', if this machine needs it"
            yield Finding(subject, Grade.NOTE, "; ".join(faults), mend)
        else:
            yield Finding(subject, Grade.WRONG, "; ".join(faults), "make setup")


def _extra_of(requirement: Requirement) -> str:
    """Give the extra a requirement belongs to; empty for what is always needed."""
    marker = str(requirement.marker or "")
    return marker.split('"')[1] if marker.startswith("extra ==") else ""


def _fault(requirement: Requirement) -> str | None:
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return f"{requirement.name} is not installed"
    if not requirement.specifier.contains(found, prereleases=True):
        return f"{requirement.name} is {found}, expected {requirement.specifier}"
    return None


def _installed(requirement: Requirement) -> str:
    return f"{requirement.name} {version(requirement.name)}"
