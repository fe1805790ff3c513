"""What a verification finds: sentences with a stable code, and the whole it belongs to."""

from typing import Any, NamedTuple

MOST_FINDINGS = 100
"""After so many a verification stops looking: the first one says enough."""


class Finding(NamedTuple):
    """Something that is not as it must be; ``code`` is stable, ``details`` are JSON values."""

    code: str
    message: str
    details: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the finding as a JSON object."""
        return {"code": self.code, "message": self.message, **self.details}


def finding(code: str, message: str, **details: Any) -> Finding:
    """Make a finding with its details."""
    return Finding(code, message, details)


class VerificationVerdict(NamedTuple):
    """One of the four things that a verification proves, or what speaks against it.

    ``bit`` is its part of the exit status. ``findings`` is ``None`` when it could not be looked at,
    because the log is not whole.
    """

    name: str
    bit: int
    findings: list[Finding] | None

    @property
    def position(self) -> int | None:
        """The first position that is not as it must be, if any."""
        return min((each.details["position"] for each in self.findings or ()), default=None)

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as a JSON object; ``ok`` is null when it was not looked at."""
        return {
            "ok": None if self.findings is None else not self.findings,
            "position": self.position,
            "message": self.findings[0].message if self.findings else None,
        }


class Verification(NamedTuple):
    """What was looked at, up to which position, and what was found.

    ``digests`` holds an order-free digest of each live table; ``compared`` says whether there were
    live read models to compare with those that were built again; ``root`` is that of the events.
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
        """Everything that was found."""
        return [each for verdict in self.verdicts for each in verdict.findings or ()]

    @property
    def exit_status(self) -> int:
        """The bits of what was found, 0 for nothing."""
        return sum(verdict.bit for verdict in self.verdicts if verdict.findings)

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
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
