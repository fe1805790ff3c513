"""Codes: the catalogue has every one that is made anywhere, and says of each what is so."""

import ast
from collections.abc import Iterable, Iterator

import pytest

from stocktrail.interfaces.cli import failures
from stocktrail.interfaces.cli.code_help import described, show
from stocktrail.interfaces.cli.code_origins import is_judged_again, origins_of
from stocktrail.interfaces.cli.listing import listing
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.codes import CHAPTERS, CODES, Code, Met
from stocktrail.interfaces.service.problems import problem_of
from stocktrail.ledger.base.event import UnknownEvent
from stocktrail.ledger.store.time_limit import OutOfTime
from tests.interfaces.terminal import Terminal
from tests.promises.found_codes import Place, found_codes
from tests.promises.pydantic_codes import IN_COMMANDS, IN_PARAMETERS, OF_PYDANTIC

EVERY = pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.name)

MET_BY_MAKER = {
    "StorageError": Met.STORAGE, "_another_log": Met.STORAGE, "PydanticCustomError": Met.INVALID,
    "BadFile": Met.FILE, "BadCell": Met.ROW, "wrong": Met.ROW, "note": Met.NOTE,
    "finding": Met.FOUND, "Flaw": Met.FOUND, "report": Met.FOUND, "report_row": Met.FOUND,
    "BrokenRule": Met.FOUND, "Failure": Met.COMMAND_LINE, "Problem": Met.SERVICE,
    "caution": Met.WARNING, "Reason": Met.REJECTED, "refuse": Met.REJECTED,
    "SubscriptionRefused": Met.PYTHON, "StreamRefused": Met.COMMAND_LINE,
    "AnotherWorker": Met.COMMAND_LINE, "NatsUnavailable": Met.COMMAND_LINE,
    "SettingsMissing": Met.COMMAND_LINE, "BadSettings": Met.COMMAND_LINE,
    "OutOfTime": Met.SERVICE, "UnknownEvent": Met.STORAGE, "_torn": Met.INVALID,
    "_error": Met.INVALID,
}
"""Where a code is met, by what is made with it."""

NOT_BY_MAKER = {
    "conflict": Met.CONFLICT, "group_failed": Met.GROUP_FAILED,
    # Raised by the door alone, from a result or for a shop that was closed.
    "skipped": Met.PYTHON, "ledger_closed": Met.PYTHON,
    # Written to stderr, where the command line goes on or has met an error of the machine.
    "known_already": Met.WARNING, "input_or_output_failed": Met.COMMAND_LINE,
}
"""Where the code is met that is made in a way of its own."""

ALSO = {
    # What the ledger refuses, to questions as to commands.
    "not_positive": Met.QUESTION, "unknown_line": Met.QUESTION, "unknown_pool": Met.QUESTION,
    "unknown_sku": Met.QUESTION, "unknown_source": Met.QUESTION,
    "ledger_damaged": Met.FOUND,                 # what cannot be read is a finding, as it is
}
"""Where a code is met as well, because it is handed on from where it is made."""

EXITS = {
    "StreamRefused": failures.WENT_WRONG, "AnotherWorker": failures.WENT_WRONG,
    "NatsUnavailable": failures.STORAGE, "SettingsMissing": failures.WENT_WRONG,
    "BadSettings": failures.WENT_WRONG,
}
"""The exit status of what the command line turns into a failure, as it is."""


def places_of(code: Code) -> Iterable[Place]:
    """Return where a code is made; nowhere, where pydantic makes it."""
    return found_codes().places.get(code.name, ())


def met_at(place: Place, code: str) -> Met | None:
    """Return where a code that is made at this place is met, ``None`` where several may be."""
    if code in NOT_BY_MAKER:
        return NOT_BY_MAKER[code]
    if place.maker == "PydanticCustomError" and place.path.startswith("projections"):
        return Met.PARAMETER
    if place.maker in MET_BY_MAKER:
        return MET_BY_MAKER[place.maker]
    top, *folders = place.path.split("/")
    if place.maker == "Refusal" and top in ("projections", "feeds"):
        return Met.CALL if folders[0] == "rebuild" else Met.QUESTION
    if place.maker == "Refusal" and top == "ledger" and folders[:2] != ["store", "merkle"]:
        return Met.CALL if folders[:2] == ["store", "portable"] else Met.REJECTED
    if place.maker == "Refusal" and place.path != "interfaces/cli/events.py":
        return Met.CALL if top in ("ledger", "commands") or "cli" in folders else None
    return Met.INVALID if top == "commands" else None


def statuses_at(place: Place) -> Iterator[tuple[str, int]]:
    """Yield the status that stands beside a code: an exit status, or one over HTTP."""
    if place.maker in EXITS:
        yield "exits", EXITS[place.maker]
    call = place.call
    if isinstance(call, ast.Call) and call.args:
        given = call.args[0]
        if place.maker == "Failure":
            yield "exits", getattr(failures, ast.unparse(given))
        elif place.maker == "Problem" and isinstance(given, ast.Constant):
            assert isinstance(given.value, int)
            yield "http", given.value


# ------------------------------------------------------------------ nothing is missing


def test_every_place_that_makes_a_code_is_understood() -> None:
    assert found_codes().unfollowed == [], (
        "say there which codes it can be: by a Literal, a constant, or a dictionary of constants"
    )


def test_the_catalogue_has_every_code_and_no_other() -> None:
    found = found_codes().places
    without = {code: f"{places[0].path}:{places[0].line}" for code, places in found.items()
               if code not in CODES}
    assert without == {}, "add each to a chapter in interfaces/codes/, with what to do"
    assert {*CODES} - {*found} - OF_PYDANTIC == set()
    assert OF_PYDANTIC - {*CODES} == set()


def test_each_code_stands_once_and_is_found_by_the_alphabet() -> None:
    names = [code.name for chapter in CHAPTERS for code in chapter.codes]
    assert len(names) == len(set(names)) == len(CODES)
    for chapter in CHAPTERS:
        ordered = [code.name.replace("_", " ") for code in chapter.codes]
        assert ordered == sorted(ordered), chapter.heading


@EVERY
def test_it_is_said_in_one_sentence_each(code: Code) -> None:
    for sentence in (code.means, code.advice):
        assert sentence[:1].isupper() or sentence.startswith("`"), sentence
        assert sentence.endswith("."), sentence
        assert len(sentence) <= 110, sentence
        assert ". " not in sentence.replace("... ", " "), sentence


# ------------------------------------------------------------------ what it says is so


@EVERY
def test_it_says_where_it_is_met(code: Code) -> None:
    made = {met_at(place, code.name) for place in places_of(code)}
    assert made - {None} <= {*code.met}
    if code.name in IN_COMMANDS:
        made.add(Met.INVALID)
    if code.name in IN_PARAMETERS:
        made.add(Met.PARAMETER)
    if None not in made:
        assert {*code.met} - made <= {ALSO.get(code.name)}


@EVERY
def test_it_says_the_statuses_that_its_places_choose(code: Code) -> None:
    said = {
        "http": {status for origin in origins_of(code) for status in origin.http},
        "exits": {status for origin in origins_of(code) for status in origin.exits},
    }
    chosen: dict[str, set[int]] = {"http": set(), "exits": set()}
    for place in places_of(code):
        for kind, status in statuses_at(place):
            chosen[kind].add(status)
    assert chosen["http"] <= said["http"]
    assert chosen["exits"] <= said["exits"]
    assert bool(code.http) == (Met.SERVICE in code.met)
    assert bool(code.exits) == (Met.COMMAND_LINE in code.met)


@pytest.mark.parametrize("error", [OutOfTime(), UnknownEvent("Unknown.v1")], ids=repr)
def test_errors_without_a_refusal_have_the_status_that_is_said(error: Exception) -> None:
    problem = problem_of(error)
    assert problem.status in {
        status for origin in origins_of(CODES[problem.code]) for status in origin.http
    }


@pytest.mark.parametrize(
    ("name", "again"),
    [("unknown_sku", True), ("occurred_in_future", True), ("not_enough_salable", False),
     ("conflict", False), ("group_failed", None), ("missing", True), ("busy", None)],
)
def test_it_says_whether_the_same_id_is_judged_again(name: str, again: bool | None) -> None:
    assert is_judged_again(CODES[name]) is again


@pytest.mark.parametrize(("code", "line"), IN_COMMANDS.items(), ids=[*IN_COMMANDS])
def test_what_pydantic_refuses_in_a_command_is_a_code_of_the_catalogue(
    terminal: Terminal, code: str, line: bytes
) -> None:
    answer = terminal.type("submit", "-", "--json", stdin=line)
    assert [error["code"] for error in answer.rows[0]["errors"]] == [code]
    assert Met.INVALID in CODES[code].met


# ------------------------------------------------------------------ help


@pytest.mark.parametrize(
    "typed", ["unknown_sku", "[unknown_sku]", "UNKNOWN_SKU", "urn:stocktrail:problem:unknown_sku"]
)
def test_help_explains_a_code_however_it_was_copied(terminal: Terminal, typed: str) -> None:
    answer = terminal.type("help", typed)
    assert (answer.status, answer.err) == (0, "")
    assert answer.out == (
        "unknown_sku: There is no item with this SKU.\n\n"
        "Check the SKU, or register the item with register-product.\n\n"
        "Where it is met:\n"
        "- a command that the ledger refuses: a result with status `rejected` (HTTP 409, exit "
        "status 3)\n"
        "- a question that is refused (HTTP 404, exit status 3)\n"
        "- a row of a file that is not imported: among its `errors` (exit status 4)\n\n"
        "The same id may be sent again: the command is judged again.\n"
    )


def test_help_explains_a_code_to_programs(terminal: Terminal) -> None:
    assert terminal.ask("help", "same_order") == {
        "code": "same_order", "means": "Units were to be moved from an order to itself.",
        "what_to_do": "Name two orders.", "judged_again": True,
        "where": [{
            "where": "input", "sentence": Met.INVALID.sentence, "http_statuses": [422],
            "exit_statuses": [4],
        }],
    }


def test_help_explains_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    for code in CODES.values():
        show(Screen(), described(code))
        said = capsys.readouterr().out.splitlines()
        assert said[:4] == [f"{code.name}: {code.means}", "", code.advice, ""]
        assert len([line for line in said if line.startswith("- ")]) == len(code.met)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("unknwn_sku", "There is no code unknwn_sku. Did you mean unknown_sku? [unknown_code]\n"),
        ("conflct", "There is no code conflct. Did you mean conflict? [unknown_code]\n"),
        ("x_y", "There is no code x_y. docs/reference/codes.md lists them. [unknown_code]\n"),
        ("xyz", "There is no subcommand xyz. See stocktrail --help. [unknown_subcommand]\n"),
    ],
)
def test_help_of_a_code_that_there_is_not_says_which_is_meant(
    terminal: Terminal, typed: str, said: str
) -> None:
    assert terminal.type("help", typed) == (failures.WRONG_FLAGS, "", said)


def test_no_code_is_called_like_a_subcommand() -> None:
    assert {*CODES} & {name for listed in listing().values() for name in listed} == set()


# ------------------------------------------------------------------ as users meet them


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("stock NOWHERE", "unknown_sku"),
        ("stock WIDGET --pool nowhere", "unknown_pool"),
        ("stock WIDGET --as-of 999", "unknown_position"),
        ("stock WIDGET --as-of yesterday", "bad_moment"),
        ("availability WIDGET --quantity 0", "not_positive"),
        ("order SO-1", "unknown_order"),
        ("orders --sort colour", "unknown_column"),
        ("orders --facet colour", "unknown_facet"),
        ("orders --limit 0", "bad_limit"),
        ("orders --after x", "bad_page"),
        ("orders --colour red", "unknown_flag"),
        ("stock WIDGET GADGET", "too_many_arguments"),
        ("place-order --order SO-1", "missing_flag"),
        ("explain colour", "unknown_subcommand"),
        ("explain", "missing_subcommand"),
        ("events --type Nothing", "unknown_type"),
        ("submit nowhere.jsonl", "cannot_read"),
        ("import-stock nowhere.csv --format csv", "cannot_read"),
        ("what-if --set backorders", "bad_setting"),
        ("what-if --set colour=red", "unknown_setting"),
        ("transfer-stock --sku WIDGET --quantity 99 --from-source default --to-source default",
         "same_source"),
        ("adjust-stock --sku WIDGET --delta -99 --reason broken", "not_enough_on_hand"),
        ("ship-order --order SO-1 --shipment S-1", "unknown_order"),
        ("receive-stock --sku WIDGET --quantity 1.5", "decimal_not_allowed"),
        ("partition", "needs_postgresql"),
        ("token revoke 1", "unknown_token"),
        ("prove 1", "no_checkpoint"),
        ("help unknwn_sku", "unknown_code"),
    ],
)
def test_the_command_line_ends_with_the_status_that_is_said(
    shop: Terminal, words: str, code: str
) -> None:
    answer = shop.type(*words.split())
    assert f"[{code}]" in answer.err + answer.out
    assert answer.status in {
        status for origin in origins_of(CODES[code]) for status in origin.exits
    }
