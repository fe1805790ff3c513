"""Every event that was ever written stays readable.

``golden/`` holds one payload of each event and version, byte for byte as it is stored. A file in
there is never changed: when a meaning changes, the next version gets a file of its own, and the
old one must be read as what stands in the new one.
"""

from pathlib import Path

import pytest

from stocktrail.ledger.catalogue import CATALOGUE

FOLDER = Path(__file__).parent / "golden"
GOLDEN = {path.stem: path.read_bytes().rstrip(b"\n") for path in FOLDER.glob("*.json")}


@pytest.mark.parametrize("topic", sorted(GOLDEN))
def test_a_stored_event_is_read_as_its_current_version(topic: str) -> None:
    event = CATALOGUE.read(topic, GOLDEN[topic])
    assert event.to_json() == GOLDEN[event.topic]


def test_every_event_has_a_golden_file_of_its_current_version() -> None:
    missing = CATALOGUE.classes().keys() - GOLDEN.keys()
    assert missing == set(), "run `make docs`, look at what it wrote, and commit it"
