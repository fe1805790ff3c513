"""Judged: every answer of commands and questions says where the log ended, problems too."""

from tests.interfaces.api.serving import Served, served


def test_an_invalid_command_says_where_the_log_ended_and_its_id(sqlite_shop: Served) -> None:
    bodies = [
        b'{"id": "c-1", "sku": "WIDGET", "quantity": "x"}',
        b'{"id": "c-1", "sku": "WIDGET", "quantity": 1, "quantity": 1}',
        b'{"id": "c-1", "sku": "WIDGET", "quantity": 1, "group": "g"}',
        b'{"id": "c-1", "sku": "WIDGET", "quantity": 1, "command": "count-stock"}',
    ]
    for body in bodies:
        for more in ("", "?dry_run=true"):
            answer = sqlite_shop.client.post(
                f"/commands/receive-stock{more}", content=body,
                headers={"Content-Type": "application/json"},
            )
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
            assert answer.json()["command"] == "receive-stock"
            assert (answer.headers["Position"], answer.json()["id"]) == ("2", "c-1")


def test_an_id_that_names_nothing_is_not_told_again(sqlite_shop: Served) -> None:
    for given in ({}, {"id": ""}, {"id": 7}, {"id": "c" * 129}):
        answer = sqlite_shop.send("receive-stock", sku="WIDGET", **given)
        assert (answer.status_code, answer.headers["Position"]) == (422, "2")
        assert "id" not in answer.json()


def test_a_body_that_is_no_command_says_where_the_log_ended(sqlite_shop: Served) -> None:
    for body, kind, status in (
        (b"{", "application/json", 400), (b"[]", "application/json", 422),
        (b"{}", "text/plain", 415),
    ):
        answer = sqlite_shop.client.post("/commands", content=body, headers={"Content-Type": kind})
        assert (answer.status_code, answer.headers["Position"]) == (status, "2")


def test_a_dry_run_names_the_end_that_it_was_judged_against(sqlite_shop: Served) -> None:
    answer = sqlite_shop.client.post(
        "/commands/receive-stock?dry_run=true", json={"sku": "WIDGET", "quantity": 1}
    )
    assert (answer.status_code, answer.headers["Position"]) == (200, "2")


def test_a_question_that_is_refused_says_as_of_when(sqlite_shop: Served) -> None:
    for address, status, position in (
        ("/stock/NOTHING?at_least=2", 404, "2"), ("/orders/NONE?at_least=2", 404, "2"),
        ("/stock/NOTHING?as_of=1", 404, "1"), ("/explain/order/NONE?at_least=2", 404, "2"),
        ("/stock?as_of=99", 409, "2"), ("/stock?at_least=99", 409, "2"),
        ("/events?after=99", 409, "2"), ("/stock?limit=0", 422, "2"),
        ("/stock?as_of=never", 422, "2"),
    ):
        for answer in (sqlite_shop.client.get(address), sqlite_shop.client.head(address)):
            found = (answer.status_code, answer.headers.get("Position"))
            assert found == (status, position), address


def test_what_was_not_judged_names_no_position(sqlite_shop: Served, sqlite_url: str) -> None:
    for answer in (
        sqlite_shop.client.get("/nothing"), sqlite_shop.client.delete("/stock"),
        sqlite_shop.client.get("/commands"),
    ):
        assert "Position" not in answer.headers
    with served(sqlite_url, require_token=True) as guarded:
        for answer in (
            guarded.client.get("/stock"), guarded.client.post("/commands", json={}),
        ):
            assert (answer.status_code, "Position" in answer.headers) == (401, False)
