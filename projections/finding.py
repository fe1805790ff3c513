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
        """Give the finding as a JSON object."""
        return {"code": self.code, "message": self.message, **self.details}


def finding(code: str, message: str, **details: Any) -> Finding:
    """Make a finding with its details."""
    return Finding(code, message, details)


class Verification(NamedTuple):
    """What was looked at, up to which position, and what was found.

    ``digests`` holds an order-free digest of each live table; ``compared`` says whether there were
    live read models to compare with those that were built anew.
    """

    position: int
    events: int
    streams: int
    digests: dict[str, str]
    compared: bool
    findings: list[Finding]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        """Give the verification as a JSON object."""
        return {
            "ok": self.ok,
            "position": self.position,
            "events": self.events,
            "streams": self.streams,
            "compared": self.compared,
            "digests": self.digests,
            "findings": [each.as_json() for each in self.findings],
        }
