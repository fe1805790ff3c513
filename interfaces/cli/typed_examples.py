"""Examples of every subcommand, as they are typed: the help shows them, and tests type them.

Those of commands and questions are the examples of their models, which the description of the API
and the reference show too.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stocktrail.interfaces.cli.declarations import declared
from stocktrail.interfaces.cli.wording import flag_named

if TYPE_CHECKING:
    from stocktrail.commands.model import Body
    from stocktrail.interfaces.every_question import AnyQuestion

_LINE = 78
_GOES_ON = " \\"
_INDENTATION = "    "
_OF_THE_SHELL = ("<", ">")

OF_NO_MODEL: Mapping[str, Sequence[str]] = {
    "": ("demo", "help place-order", "orders --facet waiting --csv"),
    "demo": ("demo", "demo --files ."),
    "submit": (
        "submit orders.jsonl --dry-run", "submit delivery.csv --command receive-stock",
        "submit - --mode atomic < orders.jsonl",
    ),
    "import-stock": (
        "import-stock products.csv --dry-run",
        "import-stock list.csv --map 'Art. no.=sku' --map Count=quantity --set source=default",
    ),
    "docs": ("docs", "docs --no-browser --port 8080"),
    "import-orders": (
        "import-orders orders_export.csv --dry-run",
        "import-orders open-orders.csv --map Auftrag=order --map Artikel=sku --dates day-first",
    ),
    "import-purchase-orders": ("import-purchase-orders open-pos.csv --set source=default",),
    "reconcile": (
        "reconcile count.csv --counted-at 2026-03-01T18:00:00Z", "reconcile count.csv --apply",
    ),
    "events": (
        "events --stream 'order/*' --since 2026-03-01", "events --type OrderPlaced --csv",
    ),
    "what-if": ("what-if --set backorders=no --set notify_below=5",),
    "deliver webhooks": ("deliver webhooks --once",),
    "deliver notices": ("deliver notices --once",),
    "publish nats": ("publish nats --server nats://localhost:4222 --stream LEDGER",),
    "replay-webhook": ("replay-webhook shop --after 1 --until 3",),
    "test-webhook": ("test-webhook shop",),
    "webhook-secret": ("webhook-secret shop",),
    "status": ("status", "status --json"),
    "verify": ("verify",),
    "rebuild": ("rebuild",),
    "export": ("export log.jsonl", "export > log.jsonl",
               "export shop --format parquet --as-of 2026-12-31"),
    "import": ("import log.jsonl --database sqlite:///again.db",),
    "backup": ("backup copy.db",),
    "upgrade": ("upgrade",),
    "partition": ("partition --database postgresql://ledger@db.shop/stock",),
    "new-key": ("new-key --name example.org/shop --key shop.key",),
    "checkpoint": ("checkpoint --key shop.key --output first.checkpoint",),
    "prove": ("prove 1 --output first.proof",),
    "consistency": ("consistency first.checkpoint first.checkpoint",),
    "verify-proof": ("verify-proof first.proof --key stocktrail.db.checkpoints/verifier.key",),
    "new-epoch": ("new-epoch --reason 'restored from the backup of Monday' --key shop.key",),
    "serve": ("serve", "serve --host 0.0.0.0 --port 8080"),
    "health": ("health", "health --ready --wait 30"),
    "token create": ("token create --name checkout --scope command",),
    "token list": ("token list",),
    "token revoke": ("token revoke 3f6c2a",),
    "completion": ("completion bash", "completion zsh > _stocktrail", "completion --install"),
    "help": ("help place-order", "help explain stock", "help not_enough_salable"),
}
"""Examples of what is no command and no question, by its name; without a name those of all."""


def examples_of(subcommand: str) -> list[str]:
    """Return how a subcommand is typed, without the name of the program; of a group its members.

    >>> examples_of("receive-stock")
    ['receive-stock --sku LAMP --quantity 12 --reason opening']
    >>> examples_of("token list")
    ['token list']
    """
    found = [
        line for name, lines in OF_NO_MODEL.items()
        if name == subcommand or (subcommand and name.startswith(f"{subcommand} "))
        for line in lines
    ]
    return found + [shlex.join(words) for words in _of_models(subcommand)]


def shown(example: str) -> str:
    r"""Return an example as it is shown: lines of which a shell makes one, none of them long.

    >>> print(shown("receive-stock --sku LAMP --quantity 12 --reason 'what came on a Monday'"))
    stocktrail receive-stock --sku LAMP --quantity 12 \
        --reason 'what came on a Monday'
    """
    lines = ["stocktrail"]
    for part in _parts(example):
        if len(lines[-1]) + len(part) + 1 + len(_GOES_ON) <= _LINE:
            lines[-1] += f" {part}"
        else:
            lines[-1] += _GOES_ON
            lines += _folded(f"{_INDENTATION}{part}")
    return "\n".join(lines)


def typed_in(examples: Sequence[str]) -> str:
    """Return examples as a block of a document in Markdown."""
    return "\n".join(["```sh", *map(shown, examples), "```\n"])


def _folded(part: str) -> Iterator[str]:
    """Yield the lines of a part; a long object in JSON goes on after a comma, where it may."""
    line = ""
    for piece in part.replace(',"', ',\n"').splitlines():
        if line and len(line) + len(piece) + len(_GOES_ON) > _LINE:
            yield line
            line = _INDENTATION * 2
        line += piece
    yield line


def _parts(example: str) -> Iterator[str]:
    """Yield what stays on one line: a word, or a flag with its value, as a shell reads it."""
    flag = ""
    for word in shlex.split(example):
        written = word if word in _OF_THE_SHELL else shlex.quote(word)
        if word.startswith("--"):
            if flag:
                yield flag
            flag = word
        else:
            yield f"{flag} {written}".lstrip()
            flag = ""
    if flag:
        yield flag


def command_words(name: str, body: "Body") -> list[str]:
    """Return the words of a command with these fields: a list is its flag once for each element.

    >>> command_words("define-pool", {"pool": "web", "sources": ["east", "west"]})
    ['define-pool', '--pool', 'web', '--sources', 'east', '--sources', 'west']
    """
    words = [name]
    for field, value in body.items():
        for each in value if isinstance(value, list) else [value]:
            words += [flag_named(field), _written(each)]
    return words


def question_words(question: "AnyQuestion") -> list[str]:
    """Return the words of the example of a question: what it is about, then its flags."""
    from stocktrail.interfaces.cli.questions import words_of

    given = dict(question.example)
    words = words_of(question)
    for place, field in enumerate(question.about(), len(words) - len(question.about())):
        words[place] = str(given.pop(field))
    for field, value in given.items():
        words += [flag_named(field), str(value)]
    return words


def _of_models(subcommand: str) -> Iterator[list[str]]:
    if subcommand in declared("command"):
        from stocktrail.commands import COMMANDS

        yield command_words(subcommand, COMMANDS[subcommand].example)
    questions = declared("question")
    name = subcommand.replace(" ", "-")
    for each in (name, f"{name}-list", *(each for each in questions if each.startswith("explain-")
                                         and subcommand == "explain")):
        if each in questions:
            from stocktrail.interfaces.every_question import question_named

            yield question_words(question_named(each))


def _written(value: Any) -> str:
    if isinstance(value, (dict, bool)):
        import orjson

        return orjson.dumps(value).decode()
    return str(value)
