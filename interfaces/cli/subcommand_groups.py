"""Groups of subcommands, such as ``token create`` and ``token revoke``."""

from typing import Annotated

from cyclopts import App, Parameter

from stocktrail.interfaces.cli.failures import WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.wording import shortened


def subcommand_group(name: str, about: str, choose: str) -> App:
    """Return a group to which subcommands are added.

    ``choose`` is the sentence that names them: called with none or with an unknown one, the group
    raises a failure with it (``missing_subcommand``, ``unknown_subcommand``).
    """
    group = App(
        name=name, help=about, help_format="plaintext", result_action="return_value",
        version_flags=[],
    )

    def missing(*words: Annotated[str, Parameter(show=False)]) -> int:
        unknown = f"There is no subcommand {name} {shortened(words[0])}. " if words else ""
        raise Failure(
            WRONG_FLAGS, "unknown_subcommand" if words else "missing_subcommand",
            f"{unknown}{choose}",
        )

    missing.__doc__ = about
    group.default(missing)
    return group
