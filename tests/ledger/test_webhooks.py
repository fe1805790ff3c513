"""Webhooks: created, stopped, resumed and deleted, each once."""

import pytest

from stocktrail.ledger.base.aggregate import Snapshot
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.webhook import (
    Webhook,
    WebhookCreated,
    WebhookDeleted,
    WebhookDisabled,
    WebhookEnabled,
)

URL = "https://shop.example/hook"
TYPES = ("OrderPlaced", "OrderShipped")
CREATED = WebhookCreated(webhook="shop", url=URL, types=("OrderPlaced",), after=7)
GONE = WebhookDisabled(webhook="shop", reason="410")


def shop(*events: Event) -> Webhook:
    """Return the webhook after what has happened."""
    webhook = Webhook("webhook/shop")
    for event in events:
        webhook.apply(event)
    return webhook


def create(webhook: Webhook, url: str = URL) -> list[Event]:
    return webhook.create(
        url, ["OrderPlaced"], None, 7, whole_log=False, known_types=TYPES, head=9
    )


def test_a_webhook_is_created_once() -> None:
    assert create(shop()) == [CREATED]
    assert create(shop(CREATED)) == []
    with pytest.raises(Refusal, match="exists with other terms") as refused:
        create(shop(CREATED), "https://elsewhere.example/")
    assert refused.value.code == "already_exists"


def test_deliveries_stop_and_go_on() -> None:
    assert shop(CREATED).disable("410") == [GONE]
    assert shop(CREATED, GONE).disable("again") == []
    assert shop(CREATED, GONE).enable() == [WebhookEnabled(webhook="shop")]
    assert shop(CREATED).enable() == []
    resumed = shop(CREATED, GONE, WebhookEnabled(webhook="shop"))
    assert [shop(CREATED, GONE).standing, resumed.standing] == ["disabled", "enabled"]


def test_a_webhook_is_deleted_once_and_may_be_created_again() -> None:
    deleted = WebhookDeleted(webhook="shop")
    assert shop(CREATED).delete(None) == [deleted]
    assert shop(CREATED, deleted).delete(None) == []
    assert [shop().standing, shop(CREATED, deleted).standing] == ["unknown", "deleted"]
    again = shop(CREATED, deleted, CREATED)
    assert (again.standing, again.created_version) == ("enabled", 3)


@pytest.mark.parametrize("webhook", [shop(), shop(CREATED, WebhookDeleted(webhook="shop"))])
def test_a_webhook_that_is_not_there_is_refused(webhook: Webhook) -> None:
    with pytest.raises(Refusal, match="There is no webhook shop") as refused:
        webhook.enable()
    assert refused.value.code == "unknown_webhook"


@pytest.mark.parametrize("events", [(CREATED, GONE), (CREATED, WebhookDeleted(webhook="shop"))])
def test_a_snapshot_holds_terms_and_standing(events: tuple[Event, ...]) -> None:
    copy = Snapshot.take(shop(*events)).mutate(None)
    assert copy.to_state() == shop(*events).to_state()


def test_a_webhook_hears_only_of_types_that_there_are() -> None:
    with pytest.raises(Refusal, match="no type of event named OrderLost; they") as refused:
        shop().create(
            URL, ["OrderLost"], None, None, whole_log=False, known_types=TYPES, head=9
        )
    assert (refused.value.code, refused.value.details) == ("unknown_type", {"type": "OrderLost"})


def test_a_webhook_hears_of_what_is_still_to_come_unless_it_names_a_position() -> None:
    def terms(webhook: Webhook, after: int | None) -> list[Event]:
        return webhook.create(URL, [], None, after, whole_log=False, known_types=TYPES, head=9)

    [created] = terms(shop(), None)
    assert created == WebhookCreated(webhook="shop", url=URL, after=9)
    assert terms(shop(WebhookCreated(webhook="shop", url=URL, after=4)), None) == []
    with pytest.raises(Refusal, match="ends at position 9, so nothing comes after position 10"):
        terms(shop(), 10)
