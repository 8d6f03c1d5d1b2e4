"""`yunparking doctor`: is everything well, and if not, what to do."""

import asyncio

from rich.console import Group
from rich.text import Text

from gateway.command.checks import CHECKS
from gateway.command.finding import Finding
from gateway.command.say import Say
from gateway.settings import Settings

_MARKS = {"good": ("✓", "green"), "note": ("·", "dim"), "warning": ("!", "yellow"), "problem": ("✗", "red")}


def doctor_command(settings: Settings, say: Say) -> int:
    """Check database, broker, Ray, disk, ports and the running city, and say what to do; status 1 for a problem."""
    findings = asyncio.run(examine(settings))
    healthy = all(finding.level != "problem" for finding in findings)
    say.answer({"healthy": healthy, "findings": findings}, lambda: _shown(findings))
    return 0 if healthy else 1


async def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order of the checks."""
    found = await asyncio.gather(*(check(settings) for check in CHECKS))
    return [finding for findings in found for finding in findings]


def _shown(findings: list[Finding]) -> Group:
    lines = []
    for finding in findings:
        mark, style = _MARKS[finding.level]
        lines.append(Text.assemble((f"{mark} ", style), (f"{finding.check:<11}", "bold"), finding.found))
        if finding.do:
            lines.append(Text(f"             → {finding.do}", style=style))
    return Group(*lines)
