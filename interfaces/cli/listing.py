"""What there is to type: under which headings, in which order, with which sentences, found where.

Commands and questions say of themselves what they do, and are found by themselves: one that no
heading names stands at the end of its own. All others are listed here with their sentences, so that
``stocktrail --help`` loads none of them.
"""

from collections.abc import Mapping
from functools import cache

from stocktrail.interfaces.cli.declarations import declared

_ASK, _CHANGE = "Ask", "Change, one command at a time"

_HEADINGS = {
    "Begin": (
        "demo submit import-stock import-orders import-purchase-orders reconcile docs help "
        "completion"
    ),
    _ASK: "search stock availability low-stock notices order customer history explain events",
    "List": "orders purchase-orders products",
    "Ask who waits": "backorders to-tell flow promise purchase-order replenishment",
    "Go back over the log": "replay diff hindsight what-if",
    "Customers, vendors, and how the shop is set up": (
        "customers customer-overview vendors vendor purchase-lines sources pools settings"
    ),
    _CHANGE: (
        "register-product register-source enable-source disable-source define-pool "
        "set-backorder-policy change-threshold set-manage-stock set-quantity-rules "
        "set-stock-status receive-stock adjust-stock count-stock transfer-stock place-order "
        "cancel-order ship-order refund-order reschedule-order prioritise-order move-allocation "
        "allocate-backorders mark-told place-purchase-order confirm-purchase-order "
        "delay-purchase-order receive-goods cancel-purchase-order set-promise-rules "
        "set-time-zone register-customer erase-customer create-webhook delete-webhook "
        "disable-webhook enable-webhook"
    ),
    "Let others hear of it": (
        "deliver publish webhooks deliveries sent-notices replay-webhook test-webhook "
        "webhook-secret"
    ),
    "Look after": "status verify rebuild export import backup upgrade partition",
    "Prove": "new-key checkpoint prove consistency verify-proof new-epoch",
    "Serve": "serve health token",
}
"""The order in which subcommands are listed."""

_OTHERS = {
    "help": ("help_pages:help_", "How a subcommand is typed, with examples; or what a code means."),
    "completion": (
        "completion:completion", "Let bash, zsh or fish complete what is typed."
    ),
    "demo": ("demo:demo", "A small shop, run from end to end."),
    "submit": ("submit:submit", "Submit a script of commands, from a file or a pipe."),
    "import-stock": (
        "import_stock:import_stock", "Import items and what is on hand, from a shop's own file."
    ),
    "docs": ("documents:docs", "The documents in the browser: how-to pages, reference, search."),
    "import-orders": (
        "import_orders:import_orders", "Import the open orders of a shop's own file."
    ),
    "import-purchase-orders": (
        "import_orders:import_purchase_orders", "Import the open purchase orders of a list."
    ),
    "reconcile": (
        "reconcile:reconcile",
        "Compare a count with the ledger: what differs, and what moved there since.",
    ),
    "explain": ("explain:app", "Why a number is what it is: events, settings, arithmetic."),
    "events": ("events:events", "The log itself, event by event."),
    "what-if": (
        "what_if:what_if",
        "What would have been sold, refused, backordered and late under other settings.",
    ),
    "deliver": ("deliver:app", "Let webhooks or notices by e-mail go out."),
    "publish": ("publish:app", "Copy the log to where other programs follow it: publish nats."),
    "replay-webhook": (
        "webhooks:replay_webhook",
        "Send a range of the log to a webhook once more; its cursor stays where it is.",
    ),
    "test-webhook": (
        "webhooks:test_webhook",
        "Send a webhook one message that stands for no event, and tell what came of it.",
    ),
    "webhook-secret": (
        "webhooks:webhook_secret",
        "The secret that signs what a webhook is sent, for whoever sets up the receiver.",
    ),
    "status": ("upkeep:status", "How long the log is, and how far each read model has come."),
    "verify": ("upkeep:verify", "Prove that every number follows from the log."),
    "rebuild": ("upkeep:rebuild", "Build the read models again from the log, and switch to them."),
    "export": (
        "portable:export", "Write the log as JSON Lines, or the ledger as Parquet for data tools."
    ),
    "import": ("portable:import_", "Make a ledger of a log that was exported."),
    "backup": ("portable:backup", "Copy the whole ledger while it is written to."),
    "upgrade": ("upkeep:upgrade", "Bring a ledger of an earlier version to the present format."),
    "partition": (
        "upkeep:partition", "Divide the log on PostgreSQL, so that its old part can lie elsewhere."
    ),
    "new-key": ("seal:new_key", "Make the key with which checkpoints are signed."),
    "checkpoint": ("seal:checkpoint", "Sign how long the log is and what its root is."),
    "prove": ("seal:prove", "Write the proof that an event stands in the log."),
    "consistency": ("seal:consistency", "Write the proof that one checkpoint extends another."),
    "verify-proof": ("seal:verify_proof", "Check a proof, without the ledger."),
    "new-epoch": ("seal:new_epoch", "Go on with a log that does not extend its newest checkpoint."),
    "serve": (
        "serve:serve",
        "Answer over HTTP: every command and every question, until interrupted.",
    ),
    "health": (
        "health:health", "Whether the service on this machine answers, for whoever supervises it."
    ),
    "token": ("token:app", "Who may use the service over the network."),
}
"""What is no command and no question: where it is found, and its sentence."""


@cache
def listing() -> Mapping[str, Mapping[str, str]]:
    """Return the sentence of every subcommand by its name, heading by heading."""
    sentences = {
        **{name: sentence for name, (_, sentence) in _OTHERS.items()},
        **declared("command"),
        **{name: sentence for name, sentence in declared("question").items() if is_typed(name)},
    }
    found = {heading: names.split() for heading, names in _HEADINGS.items()}
    listed = {name for names in found.values() for name in names}
    for heading, kind in ((_ASK, declared("question")), (_CHANGE, declared("command"))):
        found[heading] += [name for name in kind if name in sentences and name not in listed]
    return {
        heading: {name: sentences[name] for name in names} for heading, names in found.items()
    }


def is_typed(question: str) -> bool:
    """Return whether a question is a subcommand of its own.

    ``explain-stock`` is typed ``explain stock``, ``stock-list`` is ``stock`` without an item.
    """
    is_of_all = question.endswith("-list") and question[:-5] in declared("question")
    return not question.startswith("explain-") and not is_of_all


def found_in(name: str) -> str:
    """Return where a subcommand is found: its module, and its name there."""
    if name in _OTHERS:
        return f"stocktrail.interfaces.cli.{_OTHERS[name][0]}"
    kind = "commands" if name in declared("command") else "questions"
    return f"stocktrail.interfaces.cli.{kind}:{name}"


def is_group(name: str) -> bool:
    """Return whether a subcommand is a group of others, as ``token create`` is one of ``token``."""
    return found_in(name).endswith(":app")


def listed_commands() -> list[str]:
    """Return the commands in the order in which they are listed."""
    return list(listing()[_CHANGE])
