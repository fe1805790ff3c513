"""Every question: whatever there is in the folders of questions is asked in every way there is."""

from pathlib import Path

import orjson
import pytest

import stocktrail
from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.interfaces.api import examples
from stocktrail.interfaces.api.reference import REFERENCE
from stocktrail.interfaces.cli.declarations import declared
from stocktrail.interfaces.cli.question_reference import questions_page
from stocktrail.interfaces.cli.questions import table_of
from stocktrail.interfaces.cli.typed_examples import question_words
from stocktrail.interfaces.every_question import AnyQuestion, every_question, question_named
from stocktrail.ledger.store import open_ledger
from tests.interfaces.terminal import Terminal

EVERY = pytest.mark.parametrize("question", every_question(), ids=lambda each: each.question)
LISTED = pytest.mark.parametrize(
    "question", [each for each in every_question() if each.is_listed],
    ids=lambda each: each.question,
)


@pytest.fixture(scope="module")
def full_shop(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Return a terminal on the shop of the examples; scenes only ask it."""
    terminal = Terminal(tmp_path_factory.mktemp("questions") / "shop.db")
    with open_ledger(terminal.url, clock=lambda: examples.NOW) as ledger:
        for name, fields in examples.COMMANDS.items():
            for command in filter(None, (examples.BEFORE.get(name), {"command": name, **fields})):
                model = COMMANDS[command["command"]]
                body = {field: value for field, value in command.items() if field != "command"}
                result = submit_one(ledger, model.model_validate_json(orjson.dumps(body)))
                assert result.status == "accepted"
    return terminal


def test_what_the_files_declare_is_what_there_is() -> None:
    named = {question.question: question for question in every_question()}
    listed = {name for name, question in named.items() if question.is_listed}
    assert listed == set(declared("question"))
    for name, question in named.items():
        assert question_named(name) is question
        assert (question.__doc__ or "").startswith(declared("question").get(name, ""))


@LISTED
def test_it_is_typed_and_shown_as_a_table(full_shop: Terminal, question: AnyQuestion) -> None:
    words = question_words(question)
    if question.question == "stock-list":
        words = words[:-2]                        # typed, every item is listed
    answer = full_shop.type(*words)
    assert (answer.status, answer.err) == (0, "")
    assert answer.out
    assert callable(table_of(question))


@LISTED
def test_its_flags_are_its_fields(full_shop: Terminal, question: AnyQuestion) -> None:
    words_of_name = 2 if question.question.startswith("explain") else 1
    shown = full_shop.type(*question_words(question)[:words_of_name], "--help")
    words = " ".join(shown.out.replace("│", " ").split())
    assert shown.status == 0
    for name, field in question.model_fields.items():
        if question.question != "stock-list" or name not in ("limit", "after"):
            flag = str(field.validation_alias or name).replace("_", "-")
            assert name.upper() in words if name in question.about() else f"--{flag}" in words


@EVERY
def test_it_is_described_as_an_operation(question: AnyQuestion) -> None:
    described = orjson.loads(REFERENCE.read_bytes())["paths"]
    names = {each["operationId"] for path in described.values() for each in path.values()}
    assert (question.question in names) is (question.address is not None)


@LISTED
def test_it_stands_in_the_reference(question: AnyQuestion) -> None:
    page = questions_page()
    assert f"### {question.question}\n" in page
    assert f"### {question.answer_type.__name__}\n" in page


@EVERY
def test_asked_from_python_its_answer_has_typed_fields(
    full_shop: Terminal, question: AnyQuestion
) -> None:
    with stocktrail.open(full_shop.url) as shop:
        answer = shop.ask(question.model_validate(dict(question.example)))
    assert isinstance(answer, question.answer_type)


@LISTED
def test_the_header_of_its_table_names_all_that_rows_hold(
    full_shop: Terminal, question: AnyQuestion
) -> None:
    report = full_shop.ask(*question_words(question)) if question.question != "stock-list" else {
        "rows": full_shop.ask("stock")["rows"]
    }
    rows = report.get(question.table, [report])
    for row in rows:
        assert set(row) <= set(question.header())


def test_the_files_of_questions_are_found_without_loading_them() -> None:
    folder = Path(__file__).parents[2] / "projections" / "questions"
    names = {path.stem.replace("_", "-") for path in folder.glob("*.py")}
    assert {name for name in declared("question") if name not in
            ("webhooks", "deliveries", "sent-notices")} <= names
