"""The differences that are known: `differences.json`, each with the line of COMPATIBILITY.md that gives the reason."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from contract.answers import Answer
from contract.cases import Case

HERE = Path(__file__).parent
COMPATIBILITY = HERE.parent.parent / "docs" / "COMPATIBILITY.md"


@dataclass
class Difference:
    """What may differ: requests (a pattern of operation and case), and the two status codes."""

    documented: str
    requests: re.Pattern[str]
    reference: re.Pattern[str]
    sluice: re.Pattern[str]
    uses: int = 0

    def covers(self, case: Case, reference: Answer, ours: Answer) -> bool:
        return (
            self.requests.search(f"{case.operation} | {case.name}") is not None
            and self.reference.fullmatch(str(reference.status)) is not None
            and self.sluice.fullmatch(str(ours.status)) is not None
        )


def differences() -> list[Difference]:
    entries = json.loads((HERE / "differences.json").read_text())
    return [
        Difference(
            entry["documented"],
            re.compile(entry.get("requests", "")),
            re.compile(entry.get("reference", r"\d+")),
            re.compile(entry.get("sluice", r"\d+")),
        )
        for entry in entries
    ]


def is_documented(difference: Difference) -> bool:
    """Whether COMPATIBILITY.md has a line that begins with what the entry says."""
    return any(line.startswith(f"| {difference.documented}") for line in COMPATIBILITY.read_text().splitlines())
