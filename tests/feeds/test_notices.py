"""Notices: each is sent once to whom it is for, whatever dies; and nothing of it is kept."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stocktrail.commands.customers import RegisterCustomer
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.feeds.notices.due import DueNotice
from stocktrail.feeds.notices.mail import MailServer, SendResult
from stocktrail.feeds.notices.store import NoticeStore, sent_notices
from stocktrail.feeds.notices.worker import NoticeWorker, SettingsMissing
from stocktrail.feeds.settings import NoticeSettings
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.to_tell import ToTell
from tests.commands.scenes import Command, backorders, given, order, product, receive, when
from tests.feeds.post_office import PostOffice, dripping, open_post_office
from tests.feeds.webhook_scenes import SECOND, Days
from tests.kept import everything_kept

ADA = {"name": "Ada <b>", "email": "ada@analytical.example"}


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """Return a post office that takes everything."""
    with open_post_office() as office:
        yield office


class NoticeShop:
    """A shop that sends notices."""

    def __init__(self, ledger: Ledger, office: PostOffice, **settings: Any) -> None:
        self.ledger = ledger
        self.clock = Days()
        self.settings = NoticeSettings(**{
            "smtp_host": "127.0.0.1", "smtp_port": office.port, "smtp_seconds": 2.0,
            "notices_from": "Lamp Shop <shop@lamps.example>", "notices_shop": "Lamp Shop",
            "notices_to": "stock@lamps.example, boss@lamps.example", **settings,
        })

    def send(self, after: int = 0, begin: int = 0) -> None:
        """Let time pass, and send what is due then."""
        self.clock.pass_by(after)
        worker = NoticeWorker(
            self.ledger, self.settings, after=begin, clock=self.clock, jitter=lambda: 0.5
        )
        asyncio.run(worker.until_idle())

    def states(self) -> list[str]:
        """What became of the notices, the first one first."""
        return [row["state"] for row in sent_notices(self.ledger)["rows"]][::-1]


@pytest.fixture
def shop(ledger: Ledger, office: PostOffice) -> NoticeShop:
    """Return a shop with ten lamps that may be sold beyond stock, and a customer."""
    given(
        ledger, product("LAMP"), backorders("allow_and_notify"), receive(10, sku="LAMP"),
        {"command": "register-customer", "customer": "ADA", **ADA},
    )
    return NoticeShop(ledger, office)


def lamps(name: str, quantity: int, **more: Any) -> Command:
    return order(name, quantity, sku="LAMP", **{"customer": "ADA", **more})


def bought(shop: NoticeShop) -> None:
    """Sell 12 of 10 lamps, the rest promised for the fifth, and then for the ninth of March."""
    given(shop.ledger, lamps("SO-1", 12))
    given(shop.ledger, {
        "command": "place-purchase-order", "purchase_order": "PO-1", "vendor": "Lumen",
        "lines": [{"sku": "LAMP", "quantity": 5, "expected_date": "2099-03-05"}],
    })
    given(shop.ledger, {
        "command": "delay-purchase-order", "purchase_order": "PO-1",
        "expected_date": "2099-03-09", "reason": "no glass",
    })


# ------------------------------------------------------------------ who is told of what


def test_a_backorder_a_slip_and_low_stock_are_told_to_whom_they_are_for(
    shop: NoticeShop, office: PostOffice
) -> None:
    bought(shop)
    shop.send()
    assert office.subjects == [
        "Your order SO-1: some of it comes later", "Low stock: LAMP",
        "Your order SO-1: a new date",
    ]
    assert office.recipients == [
        ["ada@analytical.example"], ["stock@lamps.example", "boss@lamps.example"],
        ["ada@analytical.example"],
    ]
    assert "- LAMP: 2 of 12" in office.text(0)
    assert "- LAMP: -2 salable in pool default, to be told at 1" in office.text(1)
    assert "- 2 of LAMP: 2099-03-09 instead of 2099-03-05" in office.text(2)
    assert "Dear Ada <b>," in office.text(0)
    assert "Dear Ada &lt;b&gt;," in office.text(0, "html")
    assert shop.states() == ["sent"] * 3


def test_a_date_that_is_found_again_is_told_and_an_uncertain_one_is_not_written(
    shop: NoticeShop, office: PostOffice
) -> None:
    bought(shop)
    given(shop.ledger, {"command": "cancel-purchase-order", "purchase_order": "PO-1"})
    shop.send()
    assert "- 2 of LAMP: we do not know yet when, instead of 2099-03-09" in office.text(-1)
    for name, expected in (("PO-2", "2099-04-01"), ("PO-3", "2020-01-01")):
        given(shop.ledger, {
            "command": "place-purchase-order", "purchase_order": name, "vendor": "Lumen",
            "lines": [{"sku": "LAMP", "quantity": 2, "expected_date": expected}],
        })
        shop.send()
        assert office.subjects[-1].startswith("Your order SO-1: ")
        if name == "PO-2":
            assert "- 2 of LAMP: 2099-04-01\n" in office.text(-1)
            given(shop.ledger, {"command": "cancel-purchase-order", "purchase_order": name})
            shop.send()
    unknown = "we do not know yet when, for the delivery that it waits for is overdue"
    assert f"- 2 of LAMP: {unknown}\n" in office.text(-1)
    assert f"<strong>{unknown}</strong>" in office.text(-1, "html")
    assert office.subjects[-4:] == [
        "Your order SO-1: a new date", "Your order SO-1: a date again",
        "Your order SO-1: a new date", "Your order SO-1: on its way again",
    ]
    assert {row["kind"] for row in sent_notices(shop.ledger)["rows"]} >= {"slip", "promise_found"}


def test_what_a_group_only_passes_through_is_told_to_nobody(
    shop: NoticeShop, office: PostOffice
) -> None:
    given(shop.ledger, *(
        {**command, "group": "G"} for command in (
            lamps("SO-1", 12), lamps("SO-2", 3), receive(6, sku="LAMP"),
            {"command": "cancel-order", "order": "SO-2"},
        )
    ))
    shop.send()
    assert office.subjects == []
    given(shop.ledger, *({**each, "group": "H"} for each in (lamps("SO-3", 6), lamps("SO-4", 1))))
    shop.send()
    assert office.subjects == [
        "Your order SO-3: some of it comes later", "Your order SO-4: some of it comes later",
        "Low stock: LAMP",
    ]
    assert "- LAMP: -3 salable in pool default" in office.text(-1)


def test_nothing_is_sent_twice_not_even_when_read_models_are_built_anew(
    shop: NoticeShop, office: PostOffice
) -> None:
    bought(shop)
    shop.send()
    ReadModels(shop.ledger).rebuild()
    shop.send()
    assert len(office.letters) == 3
    ids = [letter["message-id"] for letter in office.letters]
    assert len(set(ids)) == 3


def test_a_shop_that_begins_late_is_not_told_of_the_past(
    shop: NoticeShop, office: PostOffice
) -> None:
    bought(shop)
    worker = NoticeWorker(shop.ledger, shop.settings, clock=shop.clock)
    asyncio.run(worker.until_idle())
    assert office.letters == []
    given(shop.ledger, lamps("SO-2", 1))
    shop.send()
    assert office.subjects == ["Your order SO-2: some of it comes later"]


def test_without_notify_an_order_beyond_stock_is_told_to_nobody(
    shop: NoticeShop, office: PostOffice
) -> None:
    given(shop.ledger, backorders("allow"), lamps("SO-1", 12))
    shop.send()
    assert office.subjects == ["Low stock: LAMP"]


def test_who_was_erased_or_has_no_address_is_not_written_to(
    shop: NoticeShop, office: PostOffice
) -> None:
    given(shop.ledger, {"command": "register-customer", "customer": "BOB"})
    # As an earlier version took it.
    submit_one(shop.ledger, RegisterCustomer.model_construct(
        customer="EVE", email="eve@x.example\nBcc: all@x"
    ))
    when(shop.ledger, command="erase-customer", customer="ADA", reason="asked for")
    given(shop.ledger, lamps("SO-1", 12), lamps("SO-2", 1, customer="BOB"),
          lamps("SO-3", 1, customer="EVE"), lamps("SO-4", 1, customer="NEW"))
    shop.send()
    assert office.subjects == ["Low stock: LAMP"]
    reasons = [row["reason"] for row in sent_notices(shop.ledger, state="skipped")["rows"]][::-1]
    assert reasons == [
        "The customer is erased.", "The customer has no e-mail address.",
        "The customer's e-mail address is none.", "The customer is unknown.",
    ]


def test_no_address_and_no_name_is_kept_of_what_was_sent(
    shop: NoticeShop, office: PostOffice
) -> None:
    office.rcpt_answer = "550 no such user ada@analytical.example"
    bought(shop)
    shop.send()
    assert b"analytical" not in everything_kept(shop.ledger)
    assert shop.states() == ["refused"] * 3


# ------------------------------------------------------------------ what goes wrong


def test_a_server_that_wants_to_be_asked_later_is_asked_later(
    shop: NoticeShop, office: PostOffice
) -> None:
    office.answering = lambda: "451 try again"
    given(shop.ledger, lamps("SO-1", 12))
    shop.send()
    office.answering = lambda: "250 OK"
    shop.send(after=4 * SECOND)
    assert office.letters == []
    shop.send(after=1 * SECOND)
    assert len(office.letters) == 2
    assert {row["attempts"] for row in sent_notices(shop.ledger)["rows"]} == {2}


def test_a_server_that_cannot_be_reached_is_asked_for_three_days(
    shop: NoticeShop, office: PostOffice
) -> None:
    given(shop.ledger, lamps("SO-1", 12))
    nobody = NoticeShop(shop.ledger, office, smtp_port=1)
    for _ in range(200):
        nobody.send(after=3600 * SECOND)
    assert nobody.states() == ["refused", "refused"]
    assert {row["attempts"] for row in sent_notices(shop.ledger)["rows"]} == {11}


def test_what_was_on_its_way_when_the_connection_was_lost_is_not_sent_again(
    shop: NoticeShop, office: PostOffice
) -> None:
    office.answering = lambda: "drop"
    given(shop.ledger, lamps("SO-1", 12))
    shop.send()
    assert shop.states() == ["uncertain", "uncertain"]
    office.answering = lambda: "250 OK"
    shop.send(after=3600 * SECOND)
    assert len(office.letters) == 2


@pytest.mark.parametrize(("answers", "state"), [
    (b"", "waiting"),
    (b"220 here\r\n250 hello\r\n250 sender\r\n250 recipient\r\n354 speak\r\n", "uncertain"),
])
def test_a_server_that_drips_is_cut_off(
    shop: NoticeShop, office: PostOffice, answers: bytes, state: str
) -> None:
    given(shop.ledger, lamps("SO-1", 12))
    with dripping(answers) as port:
        NoticeShop(
            shop.ledger, office, smtp_port=port, smtp_seconds=0.3, notices_to="boss@lamps.example"
        ).send()
    assert shop.states() == [state] * 2


def test_what_was_on_its_way_when_the_process_died_is_not_sent_again(
    shop: NoticeShop, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(shop.ledger, lamps("SO-1", 12))
    send = MailServer.send

    def die(self: MailServer, *message: Any) -> SendResult:
        send(self, *message)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(MailServer, "send", die)
        with pytest.raises(KeyboardInterrupt):
            shop.send()
    shop.send(after=60 * SECOND)
    assert len(office.letters) == 2
    assert shop.states() == ["uncertain", "sent"]
    (row,) = sent_notices(shop.ledger, state="uncertain")["rows"]
    assert (row["kind"], row["reason"]) == ("backorder", "The process ended while it was sent.")


def test_templates_of_a_folder_take_the_place_of_ours(
    shop: NoticeShop, office: PostOffice, tmp_path: Path
) -> None:
    (tmp_path / "backorder.txt").write_text("Subject: Später: {{ order }}\nGeduld, {{ name }}!\n")
    given(shop.ledger, lamps("SO-1\u00e9", 12))
    NoticeShop(shop.ledger, office, notices_templates=str(tmp_path)).send()
    assert office.subjects[0] == "Später: SO-1é"
    assert office.text(0) == "Geduld, Ada <b>!\n"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [({"notices_from": None}, "STOCKTRAIL_NOTICES_FROM"), ({"notices_to": "x"}, "no e-mail")],
)
def test_settings_that_cannot_work_are_told(
    shop: NoticeShop, office: PostOffice, settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SettingsMissing, match=sentence):
        NoticeShop(shop.ledger, office, **settings).send()


# ------------------------------------------------------------------ whom a notice told


def told_of(shop: NoticeShop) -> list[tuple[str, str | None, str | None, str | None]]:
    """Return who was told of which order, how, by whom and of which date."""
    models = ReadModels(shop.ledger)
    models.catch_up()
    rows = ToTell(told="yes").answer(models)["rows"]
    return [(row["order"], row["told_how"], row["told_by"], row["known_date"]) for row in rows]


def test_whom_a_notice_told_of_a_slip_was_told(shop: NoticeShop, office: PostOffice) -> None:
    bought(shop)
    assert told_of(shop) == []
    shop.send()
    assert told_of(shop) == [("SO-1", "e-mail", "notices", "2099-03-09")]
    head = shop.ledger.head().position
    shop.send(after=SECOND)
    assert shop.ledger.head().position == head


def test_an_e_mail_that_somebody_asks_for_tells_what_is_promised_when_it_is_sent(
    shop: NoticeShop, office: PostOffice
) -> None:
    bought(shop)
    given(shop.ledger, lamps("SO-2", 1, customer="BOB"))
    asked = [
        DueNotice("promise", 7, order, customer)
        for order, customer in (("SO-1", "ADA"), ("SO-1", "ADA"), ("SO-2", "BOB"))
    ]
    NoticeStore(shop.ledger).ask_for(asked)
    given(shop.ledger, {
        "command": "delay-purchase-order", "purchase_order": "PO-1",
        "expected_date": "2099-03-12", "reason": "still no glass",
    })
    shop.send(begin=shop.ledger.head().position)
    assert office.subjects == ["Your order SO-1: when it comes"]
    assert "- 2 of LAMP: 2099-03-12 instead of 2099-03-05" in office.text(0)
    assert "<strong>2099-03-12</strong> instead of 2099-03-05" in office.text(0, "html")
    assert told_of(shop) == [("SO-1", "e-mail", "notices", "2099-03-12")]
    states = NoticeStore(shop.ledger).asked_for(["SO-1", "SO-2"])
    assert {order: row["state"] for order, row in states.items()} == {
        "SO-1": "sent", "SO-2": "skipped",
    }


def test_an_e_mail_says_nothing_of_what_somebody_told_meanwhile(
    shop: NoticeShop, office: PostOffice
) -> None:
    bought(shop)
    NoticeStore(shop.ledger).ask_for([DueNotice("promise", 7, "SO-1", "ADA")])
    given(shop.ledger, {"command": "mark-told", "order": "SO-1", "how": "phone"})
    shop.send(begin=shop.ledger.head().position)
    assert office.subjects == []
    assert shop.states() == ["skipped"]
    assert told_of(shop)[0][1] == "phone"
