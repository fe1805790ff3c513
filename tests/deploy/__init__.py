"""What stocktrail is deployed with: every file of ``deploy/``, the image, and the compose file."""

import sys
from pathlib import Path

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def assigned(lines: list[str]) -> dict[str, str]:
    """Return what lines such as ``NAME=value`` assign; a comment assigns too if it is one."""
    pairs = (line.removeprefix("#").partition("=") for line in lines)
    return {name: value for name, equals, value in pairs if equals and name.isupper()}
