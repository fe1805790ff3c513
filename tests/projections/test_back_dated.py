"""Rule 4.14, through commands: what sources held, now and as it occurred."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.workload import script
from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit, submit_one
from stocktrail.ledger.stock.timeline import KEPT
from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.engine.commit_group import SNAPSHOT_AFTER
from stocktrail.ledger.store.postgres_address import is_postgres_url
from stocktrail.projections.as_of.moment import resolve_instant
from stocktrail.projections.questions.explain_stock import explain_stock
from stocktrail.projections.questions.stock import stock
from stocktrail.projections.verify import verify
from tests.ledger.oracle import Fact, falls_below_zero, held, is_refused
from tests.projections.shop import Shop


class Late(Shop):
    """A shop that is told of things when it suits people."""

    def tell(self, command: str, at: str, *, dry_run: bool = False, **fields: Any) -> Result:
        """Send a command about a day of March and an hour: ``"05 18:00"``."""
        body = {"occurred_at": f"2026-03-{at.replace(' ', 'T')}:00Z", **fields}
        model = COMMANDS[command].model_validate_json(orjson.dumps(body))
        result = submit_one(self.ledger, model, dry_run=dry_run)
        self.models.catch_up()
        return result

    def on_hand(self, at: str | None = None, source: str = "default", sku: str = "A") -> float:
        """Ask for the units on hand now, or as it occurred."""
        until = None if at is None else resolve_instant(f"2026-03-{at.replace(' ', 'T')}:00Z")
        units: float = stock(self.models, sku, occurred_until=until)["on_hand"].get(source, 0)
        return units

    def running(self) -> list[tuple[str, str, float, float]]:
        """List what moved at sources, as it occurred: day and hour, type, delta, and what stood."""
        return [
            (row["occurred_at"][8:16].replace("T", " "), row["type"], row["delta"],
             row["quantity_after"])
            for row in self.history("A", occurred=True) if row["source"]
        ]


@pytest.fixture
def late(ledger: Any) -> Late:
    """Open a shop that carries an item."""
    shop = Late(ledger)
    shop.send("register-product", sku="A")
    shop.allow_backorders()
    return shop


def test_a_count_of_an_earlier_day_leaves_what_came_later(late: Late) -> None:
    late.tell("receive-stock", "01 08:00", sku="A", quantity=100)
    late.tell("receive-stock", "02 08:00", sku="A", quantity=50)
    result = late.tell("count-stock", "01 18:00", sku="A", counted=98)
    assert [event["data"]["delta"] for event in result.events] == [-2]
    assert (late.on_hand(), late.on_hand("01 23:00"), late.on_hand("01 17:00")) == (148, 98, 100)
    assert late.running() == [
        ("01 08:00", "StockReceived", 100, 100), ("01 18:00", "StockCounted", -2, 98),
        ("02 08:00", "StockReceived", 50, 148),
    ]
    assert verify(late.models).findings == []


def test_a_count_stands_and_says_what_was_booked_on_it(late: Late) -> None:
    late.tell("receive-stock", "01 08:00", sku="A", quantity=40)
    late.tell("count-stock", "05 18:00", sku="A", counted=30)
    result = late.tell("count-stock", "03 18:00", sku="A", counted=38)
    recounted, counted = result.events
    assert recounted["type"] == "StockRecounted"
    assert recounted["occurred_at"] == recounted["data"]["counted_at"] == (
        "2026-03-05T18:00:00.000000Z"
    )
    assert (recounted["data"]["delta"], counted["data"]["delta"]) == (2, -2)
    assert recounted["data"]["count"] == 3
    assert (late.on_hand(), late.on_hand("04 12:00"), late.on_hand("06 12:00")) == (30, 38, 30)
    assert late.running() == [
        ("01 08:00", "StockReceived", 40, 40), ("03 18:00", "StockCounted", -2, 38),
        ("05 18:00", "StockCounted", -10, 28), ("05 18:00", "StockRecounted", 2, 30),
    ]
    [*_, told, _] = explain_stock(late.models, "A")["events"]
    assert told["sentence"] == (
        "The count of 2026-03-05T18:00:00.000000Z at default stands: 2 were added to its change, "
        "because something that had occurred before it was recorded after it."
    )
    late.models.rebuild()
    assert late.on_hand() == 30
    assert verify(late.models).findings == []


def test_every_way_in_which_units_move_is_known_to_a_count(late: Late) -> None:
    late.send("register-source", source="east")
    late.tell("receive-stock", "01 08:00", sku="A", quantity=20)
    late.tell("place-order", "01 09:00", order="SO-1", customer="Ann",
              lines=[{"sku": "A", "quantity": 8}])
    late.tell("place-purchase-order", "01 09:00", purchase_order="PO-1", vendor="V",
              lines=[{"sku": "A", "quantity": 5, "expected_date": "2026-03-09"}])
    late.tell("count-stock", "05 18:00", sku="A", counted=20)
    for command, fields in (
        ("receive-stock", {"sku": "A", "quantity": 3}),
        ("adjust-stock", {"sku": "A", "delta": -1, "reason": "broken"}),
        ("transfer-stock", {"sku": "A", "quantity": 4, "from_source": "default",
                            "to_source": "east"}),
        ("transfer-stock", {"sku": "A", "quantity": 2, "from_source": "east",
                            "to_source": "default"}),
        ("receive-goods", {"purchase_order": "PO-1", "receipt": "R-1"}),
        ("ship-order", {"order": "SO-1", "shipment": "S-1",
                        "lines": [{"line": 1, "quantity": 6}]}),
        ("refund-order", {"order": "SO-1", "refund": "F-1", "lines": [
            {"line": 1, "quantity": 2, "outcome": "return", "source": "default"}]}),
    ):
        result = late.tell(command, "03 12:00", **fields)
        assert (command, result.status) == (command, "accepted")
        assert [event["type"] for event in result.events].count("StockRecounted") == 1
        assert (command, late.on_hand()) == (command, 20)
    assert late.on_hand(source="east") == 2
    assert late.on_hand("03 13:00") == 20 + 3 - 1 - 4 + 2 + 5 - 6 + 2
    assert (late.on_hand("05 17:00"), late.on_hand("05 18:00")) == (21, 20)
    assert verify(late.models).findings == []


def test_a_moment_of_the_past_below_zero_is_told_and_recorded(late: Late) -> None:
    late.tell("receive-stock", "02 08:00", sku="A", quantity=10)
    told = late.tell("adjust-stock", "01 08:00", sku="A", delta=-4, reason="theft", id="c-1")
    assert told.status == "accepted"
    [message] = told.messages
    assert message.startswith("past_below_zero: ")
    assert "source default held -4 of A at 2026-03-01T08:00:00.000000Z" in message
    again = late.tell("adjust-stock", "01 08:00", sku="A", delta=-4, reason="theft", id="c-1")
    assert (again.status, list(again.messages)) == ("duplicate", [message])
    assert (late.on_hand(), late.on_hand("01 12:00")) == (6, -4)
    assert verify(late.models).findings == []


def test_what_would_put_a_source_below_zero_now_is_refused(late: Late) -> None:
    late.tell("receive-stock", "01 08:00", sku="A", quantity=10)
    late.tell("adjust-stock", "04 08:00", sku="A", delta=-9, reason="sold")
    for command, fields in (("count-stock", {"counted": 7}),
                            ("adjust-stock", {"delta": -3, "reason": "theft"})):
        refused = late.tell(command, "02 08:00", sku="A", **fields)
        assert (refused.status, refused.code) == ("rejected", "not_enough_on_hand")
        assert refused.details["shortfall"] == 2
    assert late.on_hand() == 1


def test_a_dry_run_and_a_group_see_what_happened_before_them(late: Late) -> None:
    late.tell("receive-stock", "01 08:00", sku="A", quantity=40)
    late.tell("count-stock", "05 18:00", sku="A", counted=30)
    tried = late.tell("receive-stock", "03 08:00", dry_run=True, sku="A", quantity=7)
    assert [event["data"].get("delta") for event in tried.events] == [None, -7]
    rows = [
        {"command": "count-stock", "sku": "A", "counted": 20, "group": "g",
         "occurred_at": "2026-03-04T18:00:00Z"},
        {"command": "receive-stock", "sku": "A", "quantity": 7, "group": "g",
         "occurred_at": "2026-03-03T08:00:00Z"},
    ]
    done = list(submit(late.ledger, read_json_lines(script(rows))))
    assert [
        [(event["type"], event["data"].get("delta")) for event in each.events] for each in done
    ] == [
        [("StockRecounted", 20), ("StockCounted", -20)],
        [("StockReceived", None), ("StockRecounted", -7)],
    ]
    late.models.catch_up()
    assert (late.on_hand("03 09:00"), late.on_hand("04 19:00"), late.on_hand()) == (47, 20, 30)


def busy(late: Late, number: int, run: str = "first") -> None:
    """Let many units come, one by one, each a second after the last, from the fifth on."""
    for _ in submit(late.ledger, read_json_lines(script([
        {"command": "receive-stock", "sku": "A", "quantity": 1,
         "occurred_at": f"2026-03-05T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z"}
        for n in range(number)
    ]), run=run)):
        pass
    late.models.catch_up()


def test_what_lies_further_back_than_an_item_keeps_is_in_the_log(late: Late) -> None:
    late.tell("receive-stock", "01 08:00", sku="A", quantity=100)
    busy(late, 3 * KEPT)
    assert late.tell("count-stock", "02 08:00", sku="A", counted=98).events[0]["data"][
        "delta"] == -2
    assert late.on_hand() == 98 + 3 * KEPT
    assert late.tell("count-stock", "03 08:00", sku="A", counted=97).events[0]["data"][
        "delta"] == -1
    assert late.tell("adjust-stock", "01 12:00", sku="A", delta=-1, reason="lost").events[0][
        "type"] == "StockRecounted"
    assert late.on_hand() == 97 + 3 * KEPT
    with open_ledger(late.ledger.url) as reopened:
        again = Late(reopened)
        assert again.tell("count-stock", "02 20:00", sku="A", counted=90).events[0]["data"][
            "delta"] == 8
        assert again.on_hand() == 97 + 3 * KEPT


def test_what_a_group_took_back_never_was(late: Late) -> None:
    late.tell("receive-stock", "01 08:00", sku="A", quantity=100)
    busy(late, 2 * KEPT)
    group = [
        {"command": "count-stock", "sku": "A", "counted": 90, "group": "g",
         "occurred_at": "2026-03-02T08:00:00Z"},
        {"command": "adjust-stock", "sku": "A", "delta": -5, "group": "g", "reason": "lost",
         "occurred_at": "2026-03-01T12:00:00Z"},
        {"command": "receive-stock", "sku": "NOBODY", "quantity": 1, "group": "g"},
    ]
    tries: tuple[tuple[list[dict[str, Any]], list[int]], ...] = (
        (group, []),
        (group[1:2], [-5]),
        (group[:2], [-5, 5, -5]),
        (group[:2], [0, 5, -5]),
    )
    for number, (rows, deltas) in enumerate(tries):
        done = submit(late.ledger, read_json_lines(script(rows), run=str(number)))
        assert [event["data"]["delta"] for each in done for event in each.events] == deltas
    late.models.catch_up()
    assert (late.on_hand(), late.on_hand("02 09:00")) == (90 + 2 * KEPT, 90)
    assert verify(late.models).findings == []


def test_what_others_recorded_meanwhile_is_known(late: Late) -> None:
    late.tell("receive-stock", "01 08:00", sku="A", quantity=100)
    busy(late, 2 * KEPT)
    with open_ledger(late.ledger.url) as beside:
        other = Late(beside)
        for shop, counted in ((late, 98), (other, 97), (late, 96), (other, 95)):
            count = shop.tell("count-stock", "02 08:00", sku="A", counted=counted)
            assert count.events[0]["data"]["delta"] == (-2 if counted == 98 else -1)
        assert late.tell("adjust-stock", "01 12:00", sku="A", delta=-1, reason="lost").events[0][
            "data"]["delta"] == 1
        assert other.tell("adjust-stock", "01 12:00", sku="A", delta=-2, reason="lost").events[0][
            "data"]["delta"] == 2
    assert late.on_hand() == 95 + 2 * KEPT
    assert verify(late.models).findings == []


def test_a_snapshot_of_an_earlier_version_lacks_what_moved_and_does_no_harm(late: Late) -> None:
    late.tell("count-stock", "04 08:00", sku="A", counted=0)
    busy(late, SNAPSHOT_AFTER + 20)
    snapshot = late.ledger.log_recorder.snapshot("stock/A")
    assert snapshot is not None
    state = orjson.loads(snapshot.state)
    assert len(state.pop("timelines")["default"]) == 1 + 3 * KEPT
    written = orjson.dumps(state).hex()
    literal = f"'\\x{written}'" if is_postgres_url(late.ledger.url) else f"X'{written}'"
    late.tamper(f"UPDATE stored_snapshots SET state = {literal} WHERE originator_id = 'stock/A'")
    assert verify(late.models).findings == []
    with open_ledger(late.ledger.url) as reopened:
        again = Late(reopened)
        receipt = again.tell("receive-stock", "03 08:00", sku="A", quantity=7)
        assert [event["data"].get("delta") for event in receipt.events] == [None, -7]
        assert again.on_hand() == SNAPSHOT_AFTER + 20
        busy(again, SNAPSHOT_AFTER + 20, "second")
        assert again.on_hand() == 2 * SNAPSHOT_AFTER + 40
        newest = again.ledger.log_recorder.snapshot("stock/A")
        assert newest is not None
        assert newest.originator_version > snapshot.originator_version
        assert len(orjson.loads(newest.state)["timelines"]["default"]) == 1 + 3 * KEPT
        assert verify(again.models).findings == []


SOURCES = ("default", "east")
steps = st.lists(
    st.tuples(
        st.sampled_from(("receive", "adjust", "count", "transfer")), st.sampled_from(SOURCES),
        st.integers(1, 9), st.integers(1, 9),
    ),
    min_size=4, max_size=18,
)


def asked(kind: str, source: str, number: int, at: int) -> tuple[str, dict[str, Any], list[Fact]]:
    """Return what to send, and the facts that it consists of."""
    if kind == "receive":
        fields: dict[str, Any] = {"quantity": number, "source": source}
        return "receive-stock", fields, [Fact(at, source, number)]
    if kind == "adjust":
        return "adjust-stock", {"delta": -number, "source": source, "reason": "drawn"}, [
            Fact(at, source, -number)
        ]
    if kind == "count":
        return "count-stock", {"counted": number, "source": source}, [
            Fact(at, source, counted=number)
        ]
    [other] = set(SOURCES) - {source}
    return "transfer-stock", {"quantity": number, "from_source": source, "to_source": other}, [
        Fact(at, source, -number), Fact(at, other, number)
    ]


def keep_books(late: Late, drawn: list[tuple[str, str, int, int]]) -> None:
    """Send what was drawn, and compare with what the oracle says of every moment."""
    late.send("register-source", source="east")
    facts: list[Fact] = []
    for kind, source, number, day in drawn:
        command, fields, news = asked(kind, source, number, day)
        result = late.tell(command, f"0{day} 12:00", sku="A", **fields)
        assert result.status == ("rejected" if is_refused(facts, news) else "accepted")
        if result.status == "accepted":
            below = falls_below_zero(facts, news)
            for message, (name, at) in zip(result.messages, below.items(), strict=True):
                assert f"source {name} held -" in message
                assert f"2026-03-0{at}T12:00" in message
            facts += news
    for source in SOURCES:
        assert late.on_hand(source=source) == held(facts, source)
        for day in range(1, 10):
            assert late.on_hand(f"0{day} 13:00", source) == held(facts, source, day)
    running: dict[str, float] = {}
    for row in late.history("A", occurred=True):
        if row["source"]:
            running[row["source"]] = row["quantity_after"]
    assert all(running[source] == late.on_hand(source=source) for source in running)
    assert verify(late.models).findings == []


@settings(max_examples=15)
@given(steps)
def test_whatever_is_told_whenever_sources_held_what_an_oracle_says(
    drawn: list[tuple[str, str, int, int]],
) -> None:
    with TemporaryDirectory() as folder, open_ledger(
        f"sqlite:///{Path(folder) / 'stocktrail.db'}"
    ) as ledger:
        late = Late(ledger)
        late.send("register-product", sku="A")
        keep_books(late, drawn)


def test_it_is_so_on_both_databases(late: Late) -> None:
    keep_books(late, [
        ("receive", "default", 9, 2), ("transfer", "default", 4, 6), ("count", "east", 3, 7),
        ("adjust", "default", 4, 1), ("count", "default", 6, 3), ("transfer", "east", 2, 5),
        ("count", "default", 5, 4), ("receive", "east", 8, 1), ("adjust", "east", 9, 6),
    ])
