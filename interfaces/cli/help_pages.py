"""Help as a subcommand: ``stocktrail help place-order``, ``stocktrail help unknown_sku``."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from stocktrail.interfaces.cli.listing import listing
from stocktrail.interfaces.cli.session import SessionArgument

if TYPE_CHECKING:
    from cyclopts.completion import CompletionContext


def _names(context: "CompletionContext") -> list[str]:
    found = _subcommands()
    if context.incomplete:
        from stocktrail.interfaces.codes import CODES

        found += CODES
    return [name for name in found if name.startswith(context.incomplete)]


def _subcommands() -> list[str]:
    return [name for listed in listing().values() for name in listed]


def help_(
    *subcommand: Annotated[str, Parameter(completer=_names)], session: SessionArgument
) -> int:
    """Show how a subcommand is typed, what a code means, or what subcommands there are.

    Parameters
    ----------
    subcommand
        Which one, such as place-order or explain stock; or a code, such as unknown_sku.
    """
    from stocktrail.interfaces.cli.subcommands import is_subcommand, require_subcommand, run

    if len(subcommand) == 1 and not is_subcommand(subcommand[0]):
        from stocktrail.interfaces.cli import code_help

        code = code_help.code_in(subcommand[0], _subcommands())
        if code is not None:
            session.answer(code_help.described(code), code_help.show)
            return 0
    require_subcommand(subcommand)
    return run([*subcommand, "--help"])
