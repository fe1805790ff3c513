"""What is generated: compared with what the code would generate now."""

from pathlib import Path

from tests.house.sources import ROOT


def require_current(path: Path, text: str | bytes) -> None:
    """Fail, saying what to do, where a generated file is not what the code says now."""
    expected = text.encode() if isinstance(text, str) else text
    written = path.read_bytes() if path.exists() else b""
    assert written == expected, (
        f"{path.relative_to(ROOT)} is generated, and the code says something else now: "
        "run `make docs`, look at what changed, and commit it."
    )
