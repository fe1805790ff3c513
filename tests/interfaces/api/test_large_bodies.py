"""Large bodies: refused or read without holding anybody up, and answered in a few lines."""

import json
import re
import threading
import time
from typing import Any

import pytest

from stocktrail.ledger.store import open_ledger
from tests.interfaces.api.serving import Served, served
from tests.interfaces.api.wire import Line
from tests.interfaces.terminal import Terminal

JSON = {"Content-Type": "application/json"}
MEBIBYTE = 1 << 20

WRONG_LINES: dict[str, Any] = {"order": "SO-1", "customer": "ADA", "lines": [{"sku": 1}] * 9_000}
UNKNOWN_FIELDS = {"sku": "A", **{f"field-{number}": 1 for number in range(40_000)}}
WRONG_PARTS = {"order": "SO-1", "customer": "ADA", "lines": [
    {f"field-{number}": 1 for number in range(40)} for _ in range(1_500)]}
REPEATED = b'{"sku": "A", "attributes": {' + b",".join([b'"a": 1'] * 60_000) + b"}}"


@pytest.mark.parametrize(("command", "body", "count"), [
    ("place-order", WRONG_LINES, 18_000), ("register-product", UNKNOWN_FIELDS, 40_000),
    ("place-order", WRONG_PARTS, 63_000),
], ids=["wrong lines", "unknown fields", "wrong parts"])
def test_of_many_errors_ten_are_named_and_all_are_counted(
    shop: Served, command: str, body: dict[str, Any], count: int
) -> None:
    answer = shop.client.post(f"/commands/{command}", json=body)
    problem = answer.json()
    assert (answer.status_code, len(problem["errors"]), problem["error_count"]) == (422, 10, count)
    assert f"There are {count - 10:,} more errors." in problem["detail"]
    assert len(answer.content) < 20_000
    [result] = shop.stream({"command": command, **body})
    assert (len(result["errors"]), result["error_count"]) == (10, count)


def test_of_many_keys_that_stand_twice_ten_are_named(shop: Served) -> None:
    body = b"{" + b",".join(b'"a%d": 1, "a%d": 2' % (n, n) for n in range(30)) + b"}"
    for address, headers in (("/commands/register-product", JSON), ("/commands", JSON)):
        problem = shop.client.post(address, content=body, headers=headers).json()
        assert (len(problem["errors"]), problem["error_count"]) == (10, 30)
    repeated = shop.client.post("/commands/register-product", content=REPEATED, headers=JSON)
    assert (repeated.status_code, len(repeated.json()["errors"])) == (422, 1)


def test_of_few_errors_all_are_named_and_none_is_counted(shop: Served) -> None:
    problem = shop.send("receive-stock", sku="", quantity=-1).json()
    assert len(problem["errors"]) == 2
    assert "error_count" not in problem


def test_of_many_parameters_that_nobody_knows_ten_are_named(shop: Served) -> None:
    query = "&".join(f"p{number}=1" for number in range(3_000))
    answer = shop.client.get(f"/stock?{query}")
    problem = answer.json()
    assert (answer.status_code, len(problem["errors"]), problem["error_count"]) == (422, 10, 3_000)


def test_of_many_lines_that_are_refused_ten_are_named(shop: Served) -> None:
    lines = [{"sku": f"NOT-{number}", "quantity": 1} for number in range(2_000)]
    answer = shop.send("place-order", order="SO-1", customer="ADA", lines=lines)
    details = answer.json()["details"]
    assert answer.status_code in (404, 409)
    assert (len(details["failures"]), details["failure_count"]) == (10, 2_000)
    assert "There are 1,990 more of these." in answer.json()["detail"]
    assert len(answer.content) < 20_000


def test_a_command_has_a_mebibyte_and_only_a_line_of_a_script_more(shop: Served) -> None:
    text = b'{"sku": "A", "attributes": {"a": "%b"}}' % (b"x" * MEBIBYTE)
    answer = shop.client.post("/commands/register-product", content=text, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    line = b'{"command": "register-product", ' + text[1:] + b"\n"
    streamed = shop.client.post(
        "/commands", content=line, headers={"Content-Type": "application/jsonl"}
    )
    assert json.loads(streamed.content)["errors"][0]["pointer"] == "/attributes/a"


def test_who_sends_everything_before_reading_is_told_too(sqlite_shop: Served) -> None:
    for announced in (True, False) * 5:
        with Line(sqlite_shop.client.base_url) as line:
            size = f"Content-Length: {8 * MEBIBYTE}"
            line.begin("POST /commands", *(["Content-Type: application/json", size] * announced),
                       chunked="" if announced else "application/json")
            part = b"x" * MEBIBYTE
            assert all(line.write(part) if announced else line.chunk(part) for _ in range(8))
            if not announced:
                line.write(b"0\r\n\r\n")
            assert line.answer().status == 413


def test_a_form_has_a_mebibyte_too(shop: Served) -> None:
    for address in ("/view/login", "/view/logout", "/view/actions/receive-stock"):
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
            answer = shop.client.post(
                address, content=b"x" * (MEBIBYTE + 1), headers={"Content-Type": kind}
            )
            assert answer.status_code == 413


def test_a_form_may_name_rows_as_far_apart_as_it_likes(shop: Served) -> None:
    rows = "&".join(f"lines-{number}-sku=A" for number in (0, 7, 99_999))
    answer = shop.client.get(f"/view/actions/place-order?{rows}&lines-%C2%B2-sku=A&lines-x-y-z=1")
    assert answer.status_code == 200
    found = re.findall(r'name="lines-(\d+)-sku"', answer.text)
    assert list(dict.fromkeys(found)) == ["0", "7", "99999", "100000", "100001"]


def test_while_a_large_body_is_read_others_are_answered(sqlite_url: str) -> None:
    with open_ledger(sqlite_url):
        pass
    with served(sqlite_url, most_body_bytes=64 * MEBIBYTE) as shop:
        lines = [{f"field-{number}": 1 for number in range(40)} for _ in range(9_000)]
        body = json.dumps({"order": "SO-1", "customer": "ADA", "lines": lines}).encode()
        done = threading.Event()
        refused: list[int] = []

        def send() -> None:
            answer = shop.client.post("/commands/place-order", content=body, headers=JSON)
            refused.append(answer.status_code)
            done.set()

        sending = threading.Thread(target=send)
        sending.start()
        answered, longest = 0, 0.0
        while not done.wait(0.005):
            began = time.monotonic()
            assert shop.client.get("/healthz").status_code == 200
            longest = max(longest, time.monotonic() - began)
            answered += 1
        sending.join()
    assert refused == [422]
    assert answered > 3, f"others waited for up to {longest:.1f} s"


def test_the_command_line_names_ten_errors_and_counts_them(terminal: Terminal) -> None:
    lines = json.dumps([{"sku": 1}] * 500)
    typed = terminal.type("place-order", "--order", "SO-1", "--customer", "ADA", "--lines", lines)
    assert typed.status == 4
    assert typed.err.count("--lines: lines.") == 10
    assert "There are 990 more errors." in typed.err
    script = terminal.database.parent / "wrong.csv"
    cell = lines.replace('"', '""')
    script.write_text(f'order,customer,lines\nSO-1,ADA,"{cell}"\n')
    found = terminal.type("submit", str(script), "--command", "place-order")
    assert (found.status, found.out.count("lines.")) == (4, 10)
    assert "There are 990 more errors." in found.out
