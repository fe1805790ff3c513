"""Rule 5.3: how many days after today a receipt that is overdue is counted on."""

from collections.abc import Sequence

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.settings import PromiseRulesChanged, Settings
from tests.scenes import Decision, Scene, given


def set_promise_rules(overdue_offset_days: int) -> Decision:
    def decide(scene: Scene) -> Sequence[Event]:
        return scene.settings.set_promise_rules(overdue_offset_days)

    return decide


def test_it_is_the_next_day_until_somebody_says_otherwise() -> None:
    assert given().settings.overdue_offset_days == 1
    given().when(set_promise_rules(1)).then_nothing()


def test_the_rules_are_changed_once() -> None:
    changed = PromiseRulesChanged(overdue_offset_days=0)
    scene = given().when(set_promise_rules(0)).then(changed)
    assert scene.settings.overdue_offset_days == 0
    scene.when(set_promise_rules(0)).then_nothing()


def test_settings_from_before_there_were_promise_rules_have_the_default() -> None:
    state = given(PromiseRulesChanged(overdue_offset_days=5)).settings.to_state()
    settings = Settings()
    settings.restore(state)
    assert settings.overdue_offset_days == 5
    del state["overdue_offset_days"]
    settings.restore(state)
    assert settings.overdue_offset_days == 1
