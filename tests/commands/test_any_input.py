"""Whatever is sent, every line gets one row, no reader fails, and every answer can be written."""

from io import BytesIO
from json import dumps

import orjson
from hypothesis import example
from hypothesis import given as for_all
from hypothesis import strategies as st

from fuzzing.rows import require_sendable
from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.reading import read_csv, read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import open_ledger
from tests.commands.scenes import still
from tests.commands.test_batches import new_database

NAMES = sorted(COMMANDS)
FIELDS = sorted({field for model in COMMANDS.values() for field in model.model_fields})

texts = st.one_of(
    st.sampled_from(["A", "default", "in_stock", "on", "inherit", "1", "release", "2026-03-01"]),
    st.text(max_size=20),
    st.text(st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF), max_size=3),
)
numbers = st.one_of(
    st.integers(), st.integers(0, 5), st.floats(), st.sampled_from([0.5, 1.5, 10**30])
)
values = st.recursive(
    st.one_of(texts, numbers, st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(FIELDS), texts), inner, max_size=4),
    ),
    max_leaves=8,
)
objects = st.builds(
    lambda name, fields: {"command": name, **fields},
    st.one_of(st.sampled_from(NAMES), texts),
    st.dictionaries(st.one_of(st.sampled_from(FIELDS), texts), values, max_size=6),
)


def written(value: object) -> bytes:
    """Write JSON as careless programs do: with NaN, and with halves of surrogate pairs."""
    return dumps(value).encode()


lines = st.one_of(
    st.binary(max_size=80).map(lambda line: line.replace(b"\n", b"")),
    st.text(max_size=80).map(lambda line: line.replace("\n", "").encode()),
    values.map(written),
    objects.map(written),
    objects.map(written).flatmap(
        lambda line: st.integers(0, len(line)).map(lambda end: line[:end])
    ),
)


@for_all(st.lists(lines, max_size=6), st.booleans())
def test_every_line_of_json_lines_gets_one_row(found: list[bytes], ends: bool) -> None:
    text = b"\n".join(found) + b"\n" * ends
    rows = [row for rows in read_json_lines(BytesIO(text)) for row in rows]
    assert [row.line for row in rows] == list(range(1, count_lines(text) + 1))
    for row in rows:
        require_sendable(row)


def count_lines(text: bytes) -> int:
    """Count lines that end in a line feed, and one more that does not end."""
    return text.count(b"\n") + (not text.endswith(b"\n") and bool(text))


cells = st.one_of(texts, st.text(max_size=10), values.map(lambda value: written(value).decode()))
csv_lines = st.one_of(
    st.binary(max_size=60),
    st.lists(cells, max_size=6).map(lambda found: ",".join(found).encode("utf-8", "replace")),
    st.lists(cells, max_size=6).map(
        lambda found: ",".join(
            '"' + cell.replace('"', '""') + '"' for cell in found
        ).encode("utf-8", "replace")
    ),
)


@for_all(
    st.sampled_from(NAMES),
    st.one_of(st.lists(st.sampled_from(FIELDS), max_size=6).map(
        lambda header: ",".join(header).encode()
    ), csv_lines),
    st.lists(csv_lines, max_size=5),
)
@example("receive-stock", b"sku,quantity", [b'A,"1', b"B,2"])
@example("receive-stock", b"\xff", [b"\xff", b"A"])
def test_no_csv_stops_the_reader(name: str, header: bytes, found: list[bytes]) -> None:
    text = b"\n".join([header, *found])
    rows = [row for rows in read_csv(BytesIO(text), name) for row in rows]
    assert len(rows) <= count_lines(text)
    numbers_of = [row.line for row in rows]
    assert numbers_of == sorted(numbers_of)
    for row in rows:
        require_sendable(row)


@for_all(st.lists(objects, max_size=8), st.sampled_from(["continue", "stop", "atomic"]))
def test_no_script_stops_the_ledger(found: list[dict[str, object]], mode: str) -> None:
    text = b"\n".join([
        b'{"command":"register-product","sku":"A","decimal":true}',
        b'{"command":"receive-stock","sku":"A","quantity":5}', *map(written, found),
    ])
    with new_database() as url, open_ledger(url, clock=still) as ledger:
        rows = list(read_json_lines(BytesIO(text)))
        results = list(submit(ledger, rows, mode=mode))  # type: ignore[arg-type]
        assert len(results) == count_lines(text)
        for result in results:
            assert orjson.dumps(result.as_json())
