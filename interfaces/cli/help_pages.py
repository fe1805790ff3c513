"""Help as a subcommand: ``stocktrail help place-order``."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from stocktrail.interfaces.cli.listing import listing
from stocktrail.interfaces.cli.session import SessionArgument

if TYPE_CHECKING:
    from cyclopts.completion import CompletionContext


def _names(context: "CompletionContext") -> list[str]:
    found = [name for listed in listing().values() for name in listed]
    return [name for name in found if name.startswith(context.incomplete)]


def help_(
    *subcommand: Annotated[str, Parameter(completer=_names)], session: SessionArgument
) -> int:
    """Show how a subcommand is typed, or what subcommands there are.

    Parameters
    ----------
    subcommand
        Which one, such as place-order or explain stock.
    """
    from stocktrail.interfaces.cli.subcommands import require_subcommand, run

    require_subcommand(subcommand)
    return run([*subcommand, "--help"])
