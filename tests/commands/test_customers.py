"""Customers: what says who they are is never kept readable, and can be forgotten for ever."""

from hashlib import blake2b, sha256
from typing import Any

import orjson
import pytest

from stocktrail.commands.model import COMMANDS, CommandEnvelope
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.side_tables.customer_keys import CustomerKeys
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.customer import customer
from stocktrail.projections.verify import verify
from tests.commands.scenes import (
    Command,
    backorders,
    given,
    levels,
    order,
    product,
    receive,
    script,
    send,
    send_text,
    statuses,
    types,
    when,
)
from tests.kept import everything_kept

ADA = {"name": "Ada Lovelace", "email": "ada@analytical.example", "address": "12 St James's Sq"}


def register(who: str = "ADA", /, **more: Any) -> Command:
    return {"command": "register-customer", "customer": who, **ADA, **more}


def erase(name: str = "ADA", **more: Any) -> Command:
    return {"command": "erase-customer", "customer": name, "reason": "asked for", **more}


def digests(text: bytes) -> list[bytes]:
    """Return what an unkeyed digest of a text would look like, as bytes and as hexadecimal."""
    found = [
        sha256(text).digest(), blake2b(text, digest_size=16).digest(), blake2b(text).digest(),
    ]
    return found + [digest.hex().encode() for digest in found]


def who(ledger: Ledger, name: str = "ADA") -> list[Any]:
    found = customer(ledger, name)
    return [found["status"], found["name"], found["email"], found["address"]]


def test_a_customer_is_shown_to_those_who_have_the_key(ledger: Ledger) -> None:
    assert types(when(ledger, **register())) == ["CustomerRegistered"]
    assert who(ledger) == ["registered", *ADA.values()]
    assert types(when(ledger, **register())) == []
    assert types(when(ledger, **register(name="Ada King"))) == ["CustomerRegistered"]
    assert who(ledger) == ["registered", "Ada King", ADA["email"], ADA["address"]]


@pytest.mark.parametrize("with_id", [True, False])
def test_nothing_personal_is_kept_readable_nor_as_a_digest(
    ledger: Ledger, with_id: bool
) -> None:
    row = register(id="c-1") if with_id else register()
    later = receive(1, sku="A")
    results = send(ledger, row, product(), later, erase("BOB"), {**row, "expected_version": 9})
    assert statuses(results)[:3] == ["accepted"] * 3
    everything = everything_kept(ledger)
    for text in ADA.values():
        assert text.encode() not in everything
    plain = COMMANDS["register-customer"].model_validate({"customer": "ADA", **ADA})
    for written in (
        script(row), script(row, product()), script(row, product(), later), script(row)[:-1],
        CommandEnvelope(plain, "x").body, *(text.encode() for text in ADA.values()),
    ):
        assert [digest for digest in digests(written) if digest in everything] == []


def test_the_key_is_in_no_event_no_outcome_and_no_dry_run(ledger: Ledger) -> None:
    dry = send(ledger, register(id="c-1"), dry_run=True)
    assert CustomerKeys(ledger).find("ADA") is None
    when(ledger, **register())
    key = CustomerKeys(ledger).find("ADA")
    assert key is not None
    again = send(ledger, register(name="Ada King"), dry_run=True)
    shown = orjson.dumps([result.as_json() for result in dry + again])
    for row in ledger.log_recorder.rows(0, 100):
        shown += row.state
    for _, outcome in ledger.log_recorder.outcomes_after(0, 100):
        shown += outcome.body
    readable = [each.encode() for each in ADA.values()]
    for secret in (key.secret, key.secret.hex().encode(), *readable):
        assert secret not in shown


def test_the_same_id_again_is_a_duplicate_and_another_content_a_conflict(ledger: Ledger) -> None:
    rows = [register(id="c-1")] * 2 + [register(id="c-1", email="ada@other.example")]
    first, second, third = send(ledger, *rows)
    assert statuses([first, second, third]) == ["accepted", "duplicate", "conflict"]
    assert (second.position, third.details["field"]) == (first.position, "email")


@pytest.mark.parametrize("run", [None, "monday"])
def test_a_script_without_ids_counts_once_also_after_the_erasure(
    ledger: Ledger, run: str | None
) -> None:
    text = script(product(), register(), receive(5))
    assert statuses(send_text(ledger, text, run=run)) == ["accepted"] * 3
    assert statuses(send_text(ledger, text, run=run)) == ["duplicate"] * 3
    when(ledger, **erase())
    assert statuses(send_text(ledger, text, run=run)) == ["duplicate"] * 3
    assert who(ledger) == ["erased", "erased", None, None]
    assert CustomerKeys(ledger).find("ADA") is None


def test_erasing_changes_no_number_and_everything_can_be_built_anew(ledger: Ledger) -> None:
    given(ledger, product(), backorders("allow"), receive(10), register(),
          order("SO-1", 12, customer="ADA"))
    models = ReadModels(ledger)
    models.catch_up()
    before = (levels(ledger, "A"), [row.state for row in ledger.log_recorder.rows(0, 100)])
    when(ledger, **erase())
    states = [row.state for row in ledger.log_recorder.rows(0, 100)]
    assert (levels(ledger, "A"), states[:-1]) == before
    models.catch_up()
    assert verify(models).ok
    models.rebuild()
    assert verify(models).ok


def test_what_was_sealed_cannot_be_read_once_the_key_is_destroyed(ledger: Ledger) -> None:
    when(ledger, **register())
    key = CustomerKeys(ledger).find("ADA")
    assert key is not None
    assert key.secret.hex().encode() in everything_kept(ledger)
    assert statuses([when(ledger, **erase())]) == ["accepted"]
    for written in (key.secret, key.secret.hex().encode()):
        assert written not in everything_kept(ledger)
    assert types(when(ledger, **erase())) == []


def test_a_customer_who_comes_back_has_a_new_key(ledger: Ledger) -> None:
    given(ledger, register(), erase(), register(email="new@example.org"))
    assert who(ledger) == ["registered", ADA["name"], "new@example.org", ADA["address"]]
    first = ledger.read_stream("customer/ADA")[0].payload.to_json()
    keys = CustomerKeys(ledger)
    sealed = {name: orjson.loads(first)[name] for name in ADA}
    assert keys.decrypt("ADA", sealed) is None


def test_registered_erased_and_registered_again_in_one_script(ledger: Ledger) -> None:
    rows = [register(id="1"), erase(id="2"), register(id="3", name="Ada King")]
    assert statuses(send(ledger, *rows, dry_run=True)) == ["accepted"] * 3
    assert statuses(send(ledger, *rows)) == ["accepted"] * 3
    assert who(ledger)[:2] == ["registered", "Ada King"]
    assert statuses(send(ledger, *rows)) == ["duplicate"] * 3


def test_a_dry_run_or_a_refused_group_erases_nobody(ledger: Ledger) -> None:
    when(ledger, **register())
    assert statuses(send(ledger, erase(), dry_run=True)) == ["accepted"]
    group = [erase(id="1", group="g"), order("SO-1", 1, sku="NONE", id="2", group="g")]
    assert statuses(send(ledger, *group)) == ["group_failed", "rejected"]
    assert who(ledger)[:2] == ["registered", ADA["name"]]


def test_a_crash_after_the_erasure_was_recorded_leaves_no_key(
    ledger: Ledger, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    when(ledger, **register())

    def die(self: CustomerKeys) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as crash, open_ledger(database_url) as other:
        crash.setattr(CustomerKeys, "destroy_erased", die)
        with pytest.raises(KeyboardInterrupt):
            submit_one(other, COMMANDS["erase-customer"].model_validate(
                {"customer": "ADA", "reason": "asked for", "id": "e-1"}
            ))
    assert who(ledger) == ["erased", "erased", None, None]
    assert CustomerKeys(ledger).find("ADA") is None


def test_without_the_keys_a_copy_of_the_log_tells_nothing(ledger: Ledger) -> None:
    when(ledger, **register())
    with ledger.datastore.write_transaction() as cursor:
        cursor.execute("DELETE FROM customer_keys")
    found = customer(ledger, "ADA")
    assert (found["status"], found["readable"], found["name"]) == ("registered", False, "erased")
    assert types(when(ledger, **register(email="new@example.org"))) == ["CustomerRegistered"]
    assert who(ledger)[:3] == ["registered", ADA["name"], "new@example.org"]


def test_nobody_is_shown_or_erased_who_was_never_registered(ledger: Ledger) -> None:
    (refused,) = send(ledger, erase("BOB"))
    assert (refused.status, refused.code) == ("rejected", "unknown_customer")
    with pytest.raises(Refusal, match="There is no customer BOB"):
        customer(ledger, "BOB")


def test_a_command_that_was_not_sealed_never_reaches_the_log(ledger: Ledger) -> None:
    plain = COMMANDS["register-customer"].model_validate({"customer": "ADA", **ADA})
    with pytest.raises(RuntimeError, match="readable name"):
        ledger.writer.write([[CommandEnvelope(plain, "x")]])
    assert ledger.head().position == 0


