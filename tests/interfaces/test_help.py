"""Help: every subcommand shows how it is typed, and what it shows can be typed."""

import shlex
from pathlib import Path

import pytest
from cyclopts import App

from stocktrail.commands import COMMANDS
from stocktrail.interfaces.api import examples
from stocktrail.interfaces.cli import main
from stocktrail.interfaces.cli.listing import is_group, listing
from stocktrail.interfaces.cli.subcommands import application
from stocktrail.interfaces.cli.typed_examples import OF_NO_MODEL, examples_of, shown
from tests.interfaces.terminal import Terminal

ONLY_READ = (
    "serve", "health", "publish nats", "partition", "deliver notices", "test-webhook", "new-epoch",
    "demo", "docs",
)
"""Subcommands that go on for long, or ask for another server: that their examples are understood is
tried here, what they do elsewhere."""


def names() -> list[str]:
    """Return every subcommand."""
    return [name for listed in listing().values() for name in listed]


def members_of(name: str) -> list[str]:
    """Return the subcommands of a group, each with its name before it."""
    group = application(name)[name]
    assert isinstance(group, App)
    return [f"{name} {member}" for member in group if not member.startswith("-")]


def test_every_subcommand_has_examples() -> None:
    typed = [each for name in names() for each in (members_of(name) if is_group(name) else [name])]
    without = [name for name in typed if not examples_of(name)]
    assert without == [], "add them to OF_NO_MODEL in interfaces/cli/typed_examples.py"


@pytest.mark.parametrize(
    "words", [["place-order"], ["stock"], ["explain", "order"], ["token"], ["submit"], []]
)
def test_help_shows_the_examples_however_it_is_asked_for(
    terminal: Terminal, words: list[str]
) -> None:
    helps = [terminal.type(*words, "--help"), terminal.type("help", *words)]
    assert helps[0] == helps[1]
    assert (helps[0].status, helps[0].err) == (0, "")
    for each in examples_of(" ".join(words)):
        assert shown(each) in helps[0].out
    assert "--csv" in helps[0].out


def test_help_of_what_there_is_not_says_so(terminal: Terminal) -> None:
    answer = terminal.type("help", "place-ordr")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == (
        "There is no subcommand place-ordr. Did you mean place-order? [unknown_subcommand]\n"
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("--databse", "--database"), ("--cvs", "--csv"), ("--limits", "--limit"),
     ("--database-url=x", "--database")],
)
def test_a_flag_that_is_mistyped_is_said_as_it_is_meant(
    terminal: Terminal, typed: str, meant: str
) -> None:
    answer = terminal.type("orders", typed, "1")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.endswith(f"Did you mean {meant}? [unknown_flag]\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("backorders",
         "backorders needs --by (item, customer, vendor). See stocktrail help backorders."),
        ("explain order", "explain order needs ORDER. See stocktrail help explain order."),
        ("orders --limit", "--limit needs a value."),
        ("export --format", "--format needs a value (jsonl, parquet)."),
        ("receive-stock --skuu A", "Did you mean --sku instead of --skuu?"),
        ("orders SO-1", "orders has no place for 'SO-1'. See stocktrail help orders."),
    ],
)
def test_what_is_missing_or_too_much_is_a_sentence_that_says_where_to_look(
    terminal: Terminal, words: str, said: str
) -> None:
    answer = terminal.type(*words.split())
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err


def test_the_version_is_said_by_either_flag(terminal: Terminal) -> None:
    long, short = terminal.type("--version"), terminal.type("-V")
    assert long == short
    assert long.out.count(".") == 2


def test_help_names_the_fields_of_lines(terminal: Terminal) -> None:
    said = " ".join(terminal.type("refund-order", "--help").out.replace("│", " ").split())
    assert (
        "a JSON object with line, quantity, outcome (release, return, write_off), source? "
        "(? may be left out)" in said
    )


def test_the_examples_of_commands_are_accepted_one_after_the_other(terminal: Terminal) -> None:
    for name in examples.COMMANDS:
        if (needed := examples.BEFORE.get(name)) is not None:
            assert terminal.submit(dict(needed)).status == 0
        (typed,) = examples_of(name)
        answer = terminal.type(*shlex.split(shown(typed).replace("\\\n", ""))[1:])
        assert (answer.status, answer.err) == (0, ""), typed
    assert set(examples.COMMANDS) == set(COMMANDS)


def test_the_other_examples_run(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = terminal.database.parent
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))     # the completion is installed there
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.setenv("STOCKTRAIL_DATABASE_URL", "sqlite:///stocktrail.db")
    lamps = '{"command": "receive-stock", "sku": "LAMP", "quantity": 5}\n'
    (folder / "orders.jsonl").write_text(lamps, encoding="utf-8")
    for name, header in (("delivery", "sku"), ("products", "sku"), ("list", "Art. no.")):
        table = f"{header},{'Count' if name == 'list' else 'quantity'}\nLAMP,5\n"
        (folder / f"{name}.csv").write_text(table, encoding="utf-8")
    for name, table in (
        ("orders_export", "order,customer,sku,quantity\nSO-1,ANNA,LAMP,1\n"),
        ("open-orders", "Auftrag,customer,Artikel,quantity\nSO-2,ANNA,LAMP,1\n"),
        ("open-pos", "PO,vendor,sku,quantity,ETA\nPO-1,Lumen,LAMP,1,2026-12-10\n"),
        ("count", "sku,counted\nLAMP,5\n"),
    ):
        (folder / f"{name}.csv").write_text(table, encoding="utf-8")
    for command in (
        ["register-product", "--sku", "LAMP"],
        ["create-webhook", "--webhook", "shop", "--url", "https://shop.example/hook", "--types",
         "OrderPlaced"],
        ["receive-stock", "--sku", "LAMP", "--quantity", "5"],
        ["token", "create", "--name", "till", "--scope", "read"],
    ):
        assert main(command) == 0
    token_id = capsys.readouterr().out.split("Token ")[1].split()[0]
    for name, lines in OF_NO_MODEL.items():
        for line in lines:
            words = shlex.split(line.replace("3f6c2a", token_id))
            if name in ONLY_READ or line in ONLY_READ:
                rest = words[: words.index("--database")] if "--database" in words else words
                application(rest[0]).parse_args(rest, print_error=False, exit_on_error=False)
                continue
            status = typed(words, folder, monkeypatch)
            assert status == 0, (line, capsys.readouterr().err)


def typed(words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Type words in this process as a shell does, with what comes from a file or goes into one."""
    if ">" in words:
        words = words[: words.index(">")]
    if "<" in words:
        file = words[words.index("<") + 1]
        words = words[: words.index("<")]
        with (folder / file).open(encoding="utf-8") as stream:
            monkeypatch.setattr("sys.stdin", stream)
            return main(words)
    return main(words)
