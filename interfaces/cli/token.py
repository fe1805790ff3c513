"""Tokens: who may use the service over the network."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from stocktrail.interfaces.cli.failures import REFUSED, WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import SessionArgument
from stocktrail.interfaces.cli.subcommand_groups import subcommand_group
from stocktrail.interfaces.cli.wording import moment, shortened
from stocktrail.ledger.instant import to_iso

app: App = subcommand_group(
    "token", "Who may use the service over the network.",
    "Say what to do: token create, token list, or token revoke ID.",
)

_MOST_LETTERS = 128


@app.command
def create(
    *,
    name: Annotated[str, Parameter(help="Whose it is.")],
    scope: Annotated[
        Literal["read", "command", "admin"],
        Parameter(help="What it may do; each includes those before it."),
    ],
    session: SessionArgument,
) -> int:
    """Make a token; it is shown this once."""
    from stocktrail.ledger.store.side_tables.access import AccessTokens

    if not 0 < len(name) <= _MOST_LETTERS or not name.isprintable():
        raise Failure(WRONG_FLAGS, "bad_flag", "--name must have 1 to 128 printable characters.")
    with session.open_to_write() as ledger:
        secret, token = AccessTokens(ledger).create(name, scope)
    report = {"token": secret, "id": token.token_id, "name": name, "scope": scope}
    session.answer(report, _show_created)
    return 0


def _show_created(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(
        report["token"], "", f"Token {report['id']} of {report['name']} may {report['scope']}. It "
        "is not shown again; what is kept does not tell it.",
    )


@app.command(name="list")
def every(*, session: SessionArgument) -> int:
    """Every token there ever was."""
    from stocktrail.ledger.store.side_tables.access import AccessTokens

    with session.open_to_read() as ledger:
        rows = [
            {
                "id": token.token_id, "name": token.name, "scope": token.scope,
                "created_at": to_iso(token.created_at),
                "revoked_at": None if token.revoked_at is None else to_iso(token.revoked_at),
            }
            for token in AccessTokens(ledger).every()
        ]
    session.answer({"rows": rows}, _show_every)
    return 0


def _show_every(screen: Screen, report: Mapping[str, Any]) -> None:
    if not report["rows"]:
        screen.say("There is no token.")
        return
    screen.table(
        ("id", "~name", "scope", "created", "revoked"),
        [
            (row["id"], row["name"], row["scope"], moment(row["created_at"]),
             moment(row["revoked_at"]))
            for row in report["rows"]
        ],
    )


@app.command
def revoke(token_id: str, /, *, session: SessionArgument) -> int:
    """Revoke a token: from now on it is refused.

    Parameters
    ----------
    token_id
        The id of the token, as token list shows it.
    """
    from stocktrail.ledger.store.side_tables.access import AccessTokens

    with session.open_to_read() as ledger:
        token = AccessTokens(ledger).revoke(token_id)
    if token is None or token.revoked_at is None:
        raise Failure(
            REFUSED, "unknown_token", f"There is no token {shortened(token_id)}; see token list."
        )
    report = {"id": token.token_id, "name": token.name, "revoked_at": to_iso(token.revoked_at)}
    session.answer(report, _show_revoked)
    return 0


def _show_revoked(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(f"Token {report['id']} of {report['name']} is refused from now on.")
