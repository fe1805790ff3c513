"""Findings of a verification: sentences with stable codes, grouped into four verdicts."""

from typing import Any, NamedTuple

MOST_FINDINGS = 100
"""A verification stops after this many findings: the first one is enough to act on."""


class Finding(NamedTuple):
    """An inconsistency: a stable code, a sentence for people, and details as JSON values."""

    code: str
    message: str
    details: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the finding as a JSON object."""
        return {"code": self.code, "message": self.message, **self.details}


def finding(code: str, message: str, **details: Any) -> Finding:
    """Return a finding with its details."""
    return Finding(code, message, details)


class VerificationVerdict(NamedTuple):
    """One of the four properties that a verification checks, with the findings against it.

    ``bit`` is its part of the exit status. ``findings`` is ``None`` when it could not be checked,
    because the log is not whole.
    """

    name: str
    bit: int
    findings: list[Finding] | None

    @property
    def position(self) -> int | None:
        """The first position that a finding is about, ``None`` without findings."""
        return min((each.details["position"] for each in self.findings or ()), default=None)

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as a JSON object; ``ok`` is null when it was not checked."""
        return {
            "ok": None if self.findings is None else not self.findings,
            "position": self.position,
            "message": self.findings[0].message if self.findings else None,
        }


class Verification(NamedTuple):
    """The result of a verification: what was checked, up to which position, and the findings.

    ``digests`` holds a digest of each live table; ``compared`` says whether there were live read
    models to compare; ``root`` is the Merkle root of the events.
    """

    position: int
    events: int
    streams: int
    digests: dict[str, str]
    compared: bool
    integrity: list[Finding]
    anchored: list[Finding]
    foldable: list[Finding] | None = None
    projections: list[Finding] | None = None
    checkpoints: int = 0
    root: str = ""

    @property
    def verdicts(self) -> tuple[VerificationVerdict, ...]:
        """The four verdicts, in order."""
        return (
            VerificationVerdict("integrity", 8, self.integrity),
            VerificationVerdict("anchored", 16, self.anchored),
            VerificationVerdict("foldable", 32, self.foldable),
            VerificationVerdict("projections", 64, self.projections),
        )

    @property
    def findings(self) -> list[Finding]:
        """The findings of all verdicts."""
        return [each for verdict in self.verdicts for each in verdict.findings or ()]

    @property
    def exit_status(self) -> int:
        """The bits of the verdicts with findings, 0 without any."""
        return sum(verdict.bit for verdict in self.verdicts if verdict.findings)

    @property
    def ok(self) -> bool:
        """Whether there are no findings."""
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        """Return the verification as a JSON object."""
        return {
            "ok": self.ok,
            "position": self.position,
            "root": self.root,
            "checkpoints": self.checkpoints,
            "verdicts": {verdict.name: verdict.as_json() for verdict in self.verdicts},
            "events": self.events,
            "streams": self.streams,
            "compared": self.compared,
            "digests": self.digests,
            "findings": [each.as_json() for each in self.findings],
        }
