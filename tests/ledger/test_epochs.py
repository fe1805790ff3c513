"""Epochs: an operator goes on from a log that does not extend its newest checkpoint."""

from collections.abc import Sequence

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.settings import EpochBegan
from tests.scenes import Scene, given


def test_an_epoch_begins_with_a_reason_and_changes_no_setting() -> None:
    def begin(scene: Scene) -> Sequence[Event]:
        return scene.settings.begin_epoch("restored from Monday's backup", "position 7", None)

    began = EpochBegan(
        reason="restored from Monday's backup", finding="position 7", checkpoint=None
    )
    assert given().when(begin).then(began).settings.to_state() == given().settings.to_state()
