"""Commands about webhooks: which positions they may begin after."""

from stocktrail.ledger.store import Ledger
from tests.commands.scenes import send, statuses, when

WEBHOOK = {"command": "create-webhook", "webhook": "shop", "url": "https://shop.example/hook"}


def test_a_webhook_that_would_begin_beyond_the_log_is_refused(ledger: Ledger) -> None:
    when(ledger, command="register-product", sku="TEA")
    (refused,) = send(ledger, {**WEBHOOK, "after": 2})
    assert (refused.status, refused.code) == ("rejected", "cursor_beyond_log")
    assert refused.details == {"after": 2, "head": 1}
    assert "The log ends at position 1" in str(refused.message)
    assert statuses(send(ledger, {**WEBHOOK, "after": 1})) == ["accepted"]


def test_one_that_is_there_is_compared_with_what_it_is(ledger: Ledger) -> None:
    when(ledger, **WEBHOOK)
    (refused,) = send(ledger, {**WEBHOOK, "after": 99})
    assert (refused.status, refused.code) == ("rejected", "already_exists")
