"""Public events are CloudEvents, and hold what their published schemas say."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from stocktrail.feeds import asyncapi
from stocktrail.feeds.cloud_events import cloud_event, encode, position_of, public_event
from stocktrail.feeds.schemas import data_schema, envelope_schema, topics
from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.mapper import StoredRow
from tests.house.generated import require_current
from tests.interfaces.terminal import ROOT
from tests.store.shop import order, send, stocked

SPECIFICATIONS = Path(__file__).parent / "specifications"
GOLDEN = sorted((ROOT / "tests" / "ledger" / "golden").glob("*.json"))
SOURCE = "urn:stocktrail:ledger:7"
FORMATS = FormatChecker()
GOLDEN_RECEIPT = b'{"sku":"W","source":"default","quantity":2.5,"reason":null}'


def specification(name: str) -> Any:
    return json.loads((SPECIFICATIONS / name).read_text(encoding="utf-8"))


def recorded(topic: str, state: bytes) -> RecordedEvent:
    """Put a stored payload into an envelope with everything that an envelope can have."""
    return RecordedEvent(
        "order/SO-1 \"ü\"", 3, CATALOGUE.read(topic, state), 41, 1_772_355_600_000_000,
        1_772_355_600_000_017, "c-7", "cart-9", "mail-3", "ada@example.com",
    )


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_event_is_a_cloud_event_whose_data_conforms_to_its_schema(path: Path) -> None:
    event = cloud_event(recorded(path.stem, path.read_bytes()), SOURCE)
    Draft7Validator(specification("cloudevents-1.0.json"), format_checker=FORMATS).validate(event)
    Draft202012Validator(envelope_schema(), format_checker=FORMATS).validate(event)
    topic = event["type"].removeprefix("stocktrail.")
    schema = data_schema(topic)
    Draft202012Validator(schema, format_checker=FORMATS).validate(event["data"])
    assert event["dataschema"] == schema["$id"]
    assert event["data"].keys() <= schema["properties"].keys()
    assert event.keys() == envelope_schema()["properties"].keys()
    assert all(name.isalnum() and name.islower() for name in event)


def test_an_event_carries_its_place_its_times_and_who_caused_it() -> None:
    event = cloud_event(recorded("StockReceived.v1", GOLDEN_RECEIPT), SOURCE)
    assert event == {
        "specversion": "1.0", "id": "41-1772355600000017", "source": SOURCE,
        "type": "stocktrail.StockReceived.v1", "subject": 'order/SO-1 "ü"',
        "time": "2026-03-01T09:00:00.000000Z", "recordedtime": "2026-03-01T09:00:00.000017Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:stocktrail:schemas:StockReceived.v1",
        "sequence": "0000000000000000041", "streamversion": 3, "commandid": "c-7",
        "correlationid": "cart-9", "causationid": "mail-3", "actor": "ada@example.com",
        "data": {"sku": "W", "source": "default", "quantity": 2.5, "reason": None},
    }
    assert position_of(event) == 41


def test_a_row_of_the_log_is_written_as_the_event_that_is_read_from_it(ledger: Ledger) -> None:
    send(ledger, [*stocked("A", "B"), order("SO-1", "A", "B", actor="ada", correlation_id="x")])
    rows = ledger.log_recorder.rows(0, 100)
    events = ledger.read(0, 100)
    assert len(rows) == len(events) > 5
    for row, event in zip(rows, events, strict=True):
        assert public_event(row, SOURCE).body == encode(event, SOURCE)
        assert b"\n" not in encode(event, SOURCE)


def test_what_a_later_version_of_the_program_wrote_goes_out_as_it_stands() -> None:
    row = StoredRow("stock/A", 1, "StockBlessed.v9", b'{"by":"Ada"}', 5, 1, 2)
    event = json.loads(public_event(row, SOURCE).body)
    assert (event["type"], event["data"]) == ("stocktrail.StockBlessed.v9", {"by": "Ada"})


@pytest.mark.parametrize("space", [b"\n", b"\r\n", b"\n\n", b"\r"])
def test_a_payload_with_line_ends_goes_out_on_one_line(space: bytes) -> None:
    state = b'{"sku":"A\\n",' + space + b'"quantity":1' + space + b"}"
    body = public_event(StoredRow("stock/A", 1, "StockReceived.v1", state, 5, 1, 2), SOURCE).body
    assert len(body.splitlines()) == 1
    assert json.loads(body)["data"] == {"sku": "A\n", "quantity": 1}


def test_an_old_version_goes_out_as_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    upcasters = {"StockReceived.v0": ("StockReceived.v1", lambda old: {**old, "reason": "old"})}
    monkeypatch.setattr(CATALOGUE, "_upcasters", upcasters)
    state = b'{"sku":"A","source":"default","quantity":1}'
    row = StoredRow("stock/A", 1, "StockReceived.v0", state, 5, 1, 2)
    event = json.loads(public_event(row, SOURCE).body)
    assert event["type"] == "stocktrail.StockReceived.v1"
    assert event["data"]["reason"] == "old"


@pytest.mark.parametrize("topic", ["Event", *topics()])
def test_every_schema_is_one_by_the_published_metaschema(topic: str) -> None:
    schema = envelope_schema() if topic == "Event" else data_schema(topic)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def test_the_asyncapi_document_conforms_to_the_published_schema() -> None:
    document = asyncapi.document()
    Draft7Validator(specification("asyncapi-3.0.0.json")).validate(document)
    broken = {**document, "channels": {"events": {"address": 7}}}
    assert not Draft7Validator(specification("asyncapi-3.0.0.json")).is_valid(broken)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_event_is_a_message_of_the_asyncapi_document(path: Path) -> None:
    document = asyncapi.document()
    event = cloud_event(recorded(path.stem, path.read_bytes()), SOURCE)
    key = event["type"].removeprefix("stocktrail.").replace(".", "_")
    message = document["channels"]["events"]["messages"][key]["$ref"]
    registry = Registry().with_resource("urn:asyncapi", DRAFT202012.create_resource(document))
    schema = {"$ref": f"urn:asyncapi{message}/payload/schema"}
    validator = Draft202012Validator(schema, registry=registry)
    validator.validate(event)
    assert not validator.is_valid({**event, "data": {}})
    assert not validator.is_valid({**event, "type": "another"})


def test_the_documents_are_up_to_date_and_no_version_was_ever_taken_back() -> None:
    for path, text in asyncapi.files().items():
        require_current(asyncapi.FOLDER / path, text)
    kept = {path.stem for path in (asyncapi.FOLDER / "schemas").glob("*.json")}
    assert {path.stem for path in GOLDEN} <= kept
