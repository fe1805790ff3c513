"""Nothing is gone that a version promised, and nothing must be sent that it did not ask for."""

import json
from pathlib import Path

import pytest

from tests.promises.promised import FOLDER, must_be_sent, promised_now

MADE = sorted(FOLDER.glob("*.json"), key=lambda path: [int(n) for n in path.stem.split(".")])


@pytest.mark.parametrize("made", MADE, ids=lambda path: path.stem)
def test_what_a_version_promised_is_still_there(made: Path) -> None:
    promised = json.loads(made.read_text(encoding="utf-8"))
    required = set(promised.pop("must be sent"))
    now = promised_now()
    gone = {what: sorted({*names} - {*now[what]}) for what, names in promised.items()}
    assert not any(gone.values()), f"docs/stability.md says how a name goes; these are gone: {gone}"
    owners = {each.partition(".")[0] for each in promised["fields"]} | {*promised["requests"]}
    asked_for = {each for each in must_be_sent() if owner(each) in owners}
    assert asked_for - required == set(), "requests as they were are refused now"


def owner(needed: str) -> str:
    """Return the body, or the request, that a field or a parameter belongs to.

    >>> owner("ReceiveStock.sku"), owner("GET /stock/{sku} sku")
    ('ReceiveStock', 'GET /stock/{sku}')
    """
    return needed.rpartition(" ")[0] or needed.partition(".")[0]
