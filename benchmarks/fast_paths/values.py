"""Fast paths of single values: JSON, caches, hashes, and events of aggregates."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

import orjson

from benchmarks.fast_paths.timing import FastPath
from benchmarks.library import LibraryItem
from benchmarks.workload import order_rows, script
from stocktrail.commands.model import CommandEnvelope
from stocktrail.commands.scripts.reading import Row, read_json_row, read_with_care
from stocktrail.feeds.cloud_events import public_event, schema_of, type_of
from stocktrail.ledger import instant, money, quantity
from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.salability import effective_threshold
from stocktrail.ledger.stock.events import StockReceived
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.mapper import StoredRow


def value_paths(rows: Sequence[StoredRow], events: Sequence[RecordedEvent]) -> Iterator[FastPath]:
    """Yield the fast paths of single values: JSON, caches and hashes."""
    payloads = [row.state for row in rows]
    values = [orjson.loads(each) for each in payloads]
    compact = partial(json.dumps, separators=(",", ":"))
    yield FastPath(
        "orjson reads a payload", partial(_each, json.loads, payloads),
        partial(_each, orjson.loads, payloads), len(rows),
    )
    yield FastPath(
        "orjson writes a payload", partial(_each, compact, values),
        partial(_each, orjson.dumps, values), len(rows),
    )
    prices = [f"{number}.99" for number in range(100)]
    amounts = [number * money.MONEY_SCALE // 100 for number in range(100)]
    for name, cached, arguments in (
        ("a quantity read, cached", quantity._parse_text, prices),
        ("an amount as JSON, cached", money.to_decimal_string, amounts),
        ("an amount read, cached", money.from_decimal_string, prices),
        ("a day, cached", instant._day, range(20_000, 20_100)),
        ("an instant written, cached", instant._second, range(1_772_366_400, 1_772_366_500)),
    ):
        yield FastPath(
            name, partial(_each, cached.__wrapped__, arguments), partial(_each, cached, arguments),
            len(arguments), 20,
        )
    thresholds = [(number * quantity.SCALE, "allow") for number in range(-50, 50)]
    yield FastPath(
        "a threshold, cached", lambda: [effective_threshold.__wrapped__(*t) for t in thresholds],
        lambda: [effective_threshold(*t) for t in thresholds], len(thresholds), 20,
    )
    lines = script(order_rows(100, hot=False)).getvalue().splitlines(keepends=True)
    yield FastPath(
        "a plain line of three items", lambda: _contents(lines, read_with_care),
        lambda: _contents(lines, read_json_row), len(lines), 5,
    )
    yield FastPath(
        "a public event", lambda: [_cloud_event(row) for row in rows],
        lambda: [public_event(row, "urn:shop") for row in rows], len(rows),
    )


def _each(function: Callable[[Any], object], arguments: Sequence[Any]) -> None:
    for argument in arguments:
        function(argument)


def _contents(lines: Sequence[bytes], read: Callable[[int, bytes, Any], Row]) -> None:
    """Read commands and write what is kept of them, as far as a new one needs it."""
    digest = sha256()
    for number, line in enumerate(lines):
        digest.update(line)
        row = read(number, line, digest)
        assert row.command is not None
        assert CommandEnvelope(row.command, row.id).content


def _cloud_event(row: StoredRow) -> bytes:
    """Write a public event as a dictionary, without taking the payload's bytes as they are."""
    attributes = {
        "specversion": "1.0", "type": type_of(row.topic), "source": "urn:shop",
        "datacontenttype": "application/json", "dataschema": schema_of(row.topic),
        "id": f"{row.id}-{row.recorded_at}", "time": to_iso(row.occurred_at),
        "recordedtime": to_iso(row.recorded_at), "sequence": f"{row.id:019d}",
        "streamversion": row.originator_version, "subject": str(row.originator_id),
        "commandid": row.command_id, "correlationid": row.correlation_id,
        "causationid": row.causation_id, "actor": row.actor,
    }
    given = {name: value for name, value in attributes.items() if value is not None}
    return orjson.dumps({**given, "data": orjson.loads(row.state)})


def aggregate_paths() -> Iterator[FastPath]:
    """Yield what aggregates of our own save, against those of the library."""

    def of_the_library() -> None:
        item = LibraryItem("TEA")
        for _ in range(100):
            item.receive(5)

    def ours() -> None:
        stock = ProductStock(ProductStock.stream_of("TEA"))
        for number in range(100):
            event = StockReceived(sku="TEA", source="default", quantity=5)
            stock.apply(event, number)
            RecordedEvent(stock.id, stock.version, event, number, number, number)

    yield FastPath("an event of our aggregates", of_the_library, ours, 100, 5)
