"""What a document tells a reader to type, in the middle of a sentence too, is there to be typed."""

import re
from pathlib import Path

import pytest

from stocktrail.interfaces.cli.listing import listing
from tests.house.sources import ROOT
from tests.house.test_links import DOCUMENTS

NAMED = re.compile(r"`stocktrail ([a-z][a-z-]*)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_subcommand_that_is_named_is_there(document: Path) -> None:
    if document.name == "CHANGELOG.md":
        return                                    # it tells of what was there
    known = {name for listed in listing().values() for name in listed}
    assert set(NAMED.findall(document.read_text(encoding="utf-8"))) - known == set()
