"""Explain: why a number is what it is, from the events to the arithmetic."""

from cyclopts import App

from stocktrail.interfaces.cli.declarations import declared
from stocktrail.interfaces.cli.subcommand_groups import subcommand_group

_EXPLANATION = "explain-"

app: App = subcommand_group(
    "explain", "Why a number is what it is: events, settings, arithmetic.",
    "Say what to explain: explain stock SKU, explain order ID, or explain promise ORDER "
    "LINE.",
)

for _name, _sentence in declared("question").items():
    if _name.startswith(_EXPLANATION):
        app.command(
            f"stocktrail.interfaces.cli.questions:{_name}", help=_sentence,
            name=_name.removeprefix(_EXPLANATION),
        )
