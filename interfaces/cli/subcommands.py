"""The subcommands: what there is to type, in which order it is listed, and where it is found.

Their names and sentences stand here, so that ``stocktrail --help`` loads none of them. Those of the
command models are repeated word for word; a test compares them.
"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cyclopts import App, Group

from stocktrail.interfaces.cli.cautions import caution_about_call
from stocktrail.interfaces.cli.failures import WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.global_options import EVERYWHERE_HELP, take_everywhere
from stocktrail.interfaces.cli.session import Session

if TYPE_CHECKING:
    from cyclopts.exceptions import CycloptsError

BEGIN = {
    "demo": "A small shop, run from end to end.",
    "submit": "Submit a script of commands, from a file or a pipe.",
}
QUESTIONS = {
    "stock": "What may still be sold, of one item or of all.",
    "availability": "Would a quantity be accepted, what would wait, and why.",
    "low-stock": "What is at or below its threshold now.",
    "notices": "Every notice ever raised: of low stock, and of promises that slipped.",
    "order": "An order with its lines: shipped, allocated, backordered, promised.",
    "customer": "Who a customer is, or that nobody knows any more.",
    "history": "How the stock of an item came about, change by change.",
    "explain": "Why a number is what it is: events, settings, arithmetic.",
    "events": "The log itself, event by event.",
}
BACKORDERS = {
    "backorders": "Every open line: by item, by customer or by vendor.",
    "flow": "What is still to come and to go of an item, day by day.",
    "promise": "The first day on which a quantity can be promised.",
    "purchase-order": "A purchase order with its lines: received, late, and who waits.",
}
REPLAY = {
    "replay": "How an item's numbers came to be, event by event, with running balances.",
    "diff": "What changed between two moments in stock, orders and backorders, and by which "
    "events.",
    "what-if": "What would have been sold, refused, backordered and late under other settings.",
}
COMMANDS = {
    "register-product": "Make an item known, or change its description.",
    "register-source": "Make a place that holds stock known.",
    "enable-source": "Let the stock of a source be sold.",
    "disable-source": "Keep the stock of a source from being sold.",
    "define-pool": "Define the sources of a pool, the first of highest priority.",
    "set-backorder-policy": "Decide whether items may be sold beyond their stock.",
    "change-threshold": "Move the out-of-stock, the low-stock or the only-X-left threshold.",
    "set-manage-stock": "Switch the counting of stock on or off.",
    "set-quantity-rules": "Set the least, the most and the step in which items may be ordered.",
    "set-stock-status": "Set an item in stock or out of stock at a source by hand.",
    "receive-stock": "Put units on hand at a source; waiting lines are served at once.",
    "adjust-stock": "Correct the units at a source by a delta.",
    "count-stock": "Set the units at a source to what was counted there; what has moved since "
    "then stays.",
    "transfer-stock": "Move units from one source to another.",
    "place-order": "Accept an order, all of its lines or none; what is short is backordered.",
    "cancel-order": "Cancel an order, or units of its lines; shipped units are never cancelled.",
    "ship-order": "Ship allocated units of an order; without lines, everything that can ship.",
    "refund-order": "Pay back units of an order: released before shipment, returned, or written "
    "off.",
    "reschedule-order": "Ask for lines of an order on other dates.",
    "prioritise-order": "Give an order another place in the queues.",
    "move-allocation": "Give allocated units of one order to another that waits for them.",
    "allocate-backorders": "Distribute the units of an item again among the lines that want them.",
    "place-purchase-order": "Order goods from a vendor.",
    "confirm-purchase-order": "Take over what the vendor confirmed: as ordered, or with other "
    "dates or quantities.",
    "delay-purchase-order": "Move the expected date of a purchase order, or of some of its lines.",
    "receive-goods": "Receive goods of a purchase order; they serve the waiting lines at once.",
    "cancel-purchase-order": "Cancel what a vendor still owes, or part of it.",
    "set-promise-rules": "Decide how promise dates are computed.",
    "set-time-zone": "Decide in which time zone the shop counts its days.",
    "register-customer": "Make a customer known; name, e-mail and address are kept sealed, and "
    "can be erased.",
    "erase-customer": "Forget who a customer is, for ever: the key to name, e-mail and address is "
    "destroyed.",
    "create-webhook": "Subscribe an address to events: signed, in order and at least once.",
    "delete-webhook": "Unsubscribe an address; nothing more is sent to it.",
    "disable-webhook": "Stop the deliveries of a webhook until it is enabled; nothing is lost "
    "meanwhile.",
    "enable-webhook": "Let the deliveries of a webhook go on where they stopped.",
}
FEEDS = {
    "deliver": "Let webhooks or notices by e-mail go out.",
    "publish": "Copy the log to where other programs follow it: publish nats.",
    "webhooks": "The webhooks there are, and how far each has come.",
    "deliveries": "What was sent to a webhook, attempt by attempt, the latest first.",
    "sent-notices": "What became of notices by e-mail, the latest first.",
    "replay-webhook": "Send a range of the log to a webhook once more; its cursor stays where it "
    "is.",
    "test-webhook": "Send a webhook one message that stands for no event, and tell what came of "
    "it.",
    "webhook-secret": "The secret that signs what a webhook is sent, for whoever sets up the "
    "receiver.",
}
PORTABLE = {
    "export": "Write the log as JSON Lines, to a file or a pipe.",
    "import": "Make a ledger of a log that was exported.",
    "backup": "Copy the whole ledger while it is written to.",
}
SEAL = {
    "new-key": "Make the key with which checkpoints are signed.",
    "checkpoint": "Sign how long the log is and what its root is.",
    "prove": "Write the proof that an event stands in the log.",
    "consistency": "Write the proof that one checkpoint extends another.",
    "verify-proof": "Check a proof, without the ledger.",
    "new-epoch": "Go on with a log that does not extend its newest checkpoint.",
}
UPKEEP = {
    "status": "How long the log is, and how far each read model has come.",
    "verify": "Prove that every number follows from the log.",
    "rebuild": "Build the read models again from the log, and switch to them.",
}
SERVICE = {
    "serve": "Answer over HTTP: every command and every question, until interrupted.",
    "token": "Who may use the service over the network.",
}

_LISTED = {
    "Begin": BEGIN, "Ask": QUESTIONS, "Ask who waits": BACKORDERS,
    "Go back over the log": REPLAY,
    "Change, one command at a time": COMMANDS,
    "Let others hear of it": FEEDS, "Look after": {**UPKEEP, **PORTABLE},
    "Prove": SEAL, "Serve": SERVICE,
}
_MODULES = {
    "demo": "stocktrail.interfaces.cli.demo:demo",
    "submit": "stocktrail.interfaces.cli.submit:submit",
    **dict.fromkeys(QUESTIONS, "stocktrail.interfaces.cli.questions:"),
    **dict.fromkeys(BACKORDERS, "stocktrail.interfaces.cli.backorders:"),
    "customer": "stocktrail.interfaces.cli.customers:customer",
    **dict.fromkeys(SEAL, "stocktrail.interfaces.cli.seal:"),
    **dict.fromkeys(UPKEEP, "stocktrail.interfaces.cli.upkeep:"),
    **dict.fromkeys(REPLAY, "stocktrail.interfaces.cli.replaying:"),
    **dict.fromkeys(PORTABLE, "stocktrail.interfaces.cli.portable:"),
    "import": "stocktrail.interfaces.cli.portable:import_",
    "what-if": "stocktrail.interfaces.cli.what_if:what_if",
    **dict.fromkeys(FEEDS, "stocktrail.interfaces.cli.webhooks:"),
    "deliver": "stocktrail.interfaces.cli.deliver:app",
    "publish": "stocktrail.interfaces.cli.publish:app",
    "explain": "stocktrail.interfaces.cli.explain:app",
    "events": "stocktrail.interfaces.cli.events:events",
    "serve": "stocktrail.interfaces.cli.serve:serve",
    "token": "stocktrail.interfaces.cli.token:app",
}

def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("stocktrail")
    except PackageNotFoundError:
        return "not installed"


def _application(asked: str | None) -> App:
    """Make the application: with the one subcommand that is asked for, or with all of them."""
    app = App(
        name="stocktrail",
        help="An inventory ledger: every sale, reservation and receipt is an event, and every "
        "number explains itself.",
        help_epilogue=EVERYWHERE_HELP,
        help_format="plaintext",
        version=_version,
        result_action="return_value",
    )
    place = 0
    for heading, listed in _LISTED.items():
        group = Group(heading, sort_key=place)
        for name, sentence in listed.items():
            place += 1
            if asked in (None, name):
                app.command(
                    _found_in(name), name=name, help=sentence, group=group, sort_key=place
                )
    return app


def _found_in(name: str) -> str:
    if name in COMMANDS:
        return f"stocktrail.interfaces.cli.commands:{name}"
    where = _MODULES[name]
    return f"{where}{name.replace('-', '_')}" if where.endswith(":") else where


_MOST_NUMBER = 2**63 - 1


def run(tokens: Sequence[str]) -> int:
    """Run the subcommand that the tokens name and give its exit status.

    Raises :class:`~stocktrail.interfaces.cli.failures.Failure` for flags that are unknown or
    missing.
    """
    from cyclopts.exceptions import CycloptsError

    everywhere, rest = take_everywhere(tokens)
    if everywhere.no_color:
        os.environ["NO_COLOR"] = "1"
    session = Session(
        everywhere.database, as_json=everywhere.as_json, color=not everywhere.no_color
    )
    as_json = everywhere.as_json or rest[:1] == ["serve"]         # whose stderr is a log in JSON
    caution_about_call(everywhere.database, rest, as_json=as_json)
    known = any(rest[0] in listed for listed in _LISTED.values()) if rest else False
    app = _application(rest[0] if known else None)
    try:
        subcommand, bound, handed_over = app.parse_args(
            rest, print_error=False, exit_on_error=False
        )
        _require_held(bound.arguments)
        return _as_status(
            subcommand(*bound.args, **bound.kwargs, **dict.fromkeys(handed_over, session))
        )
    except CycloptsError as error:
        raise _flag_failure(error, rest) from None


def _require_held(given: Mapping[str, Any]) -> None:
    """Refuse whole numbers that no database holds."""
    for name, value in given.items():
        if isinstance(value, int) and not -_MOST_NUMBER <= value <= _MOST_NUMBER:
            flag = f"--{name.replace('_', '-')}"
            raise Failure(WRONG_FLAGS, "bad_flag", f"{flag}: {str(value)[:30]} is too large.")


def _as_status(status: Any) -> int:
    return status if isinstance(status, int) else 0


def _flag_failure(error: "CycloptsError", tokens: Sequence[str]) -> Failure:
    from cyclopts import exceptions

    if isinstance(error, exceptions.UnknownCommandError):
        return _unknown_subcommand(error, tokens)
    codes = {
        exceptions.UnknownOptionError: "unknown_flag",
        exceptions.UnusedCliTokensError: "too_many_arguments",
        exceptions.MissingArgumentError: "missing_flag",
        exceptions.RepeatArgumentError: "repeated_flag",
    }
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), "bad_flag")
    error.verbose = False
    message = " ".join(str(error).split())
    return Failure(WRONG_FLAGS, code, message if message.endswith(("?", ".")) else f"{message}.")


def _unknown_subcommand(error: "CycloptsError", tokens: Sequence[str]) -> Failure:
    from difflib import get_close_matches

    asked = (error.unused_tokens or tokens)[0]
    close = get_close_matches(asked, [name for listed in _LISTED.values() for name in listed], 1)
    hint = f"Did you mean {close[0]}?" if close else "See stocktrail --help."
    return Failure(
        WRONG_FLAGS, "unknown_subcommand", f"There is no subcommand {asked[:100]}. {hint}"
    )
