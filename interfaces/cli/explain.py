"""Explain: why a number is what it is, from the events to the arithmetic."""

from typing import Annotated

from cyclopts import App, Parameter

from stocktrail.interfaces.cli.declarations import declared
from stocktrail.interfaces.cli.failures import WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.wording import shortened

_EXPLANATION = "explain-"

app = App(
    name="explain", help="Why a number is what it is: events, settings, arithmetic.",
    help_format="plaintext", result_action="return_value", version_flags=[],
)


@app.default
def what(*words: Annotated[str, Parameter(show=False)]) -> int:
    """Why a number is what it is: events, settings, arithmetic."""
    asked = f"There is no subcommand explain {shortened(words[0])}. " if words else ""
    raise Failure(
        WRONG_FLAGS, "unknown_subcommand" if words else "missing_subcommand",
        f"{asked}Say what to explain: explain stock SKU, explain order ID, or "
        "explain promise ORDER LINE.",
    )


for _name, _sentence in declared("question").items():
    if _name.startswith(_EXPLANATION):
        app.command(
            f"stocktrail.interfaces.cli.questions:{_name}", help=_sentence,
            name=_name.removeprefix(_EXPLANATION),
        )
