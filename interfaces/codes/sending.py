"""Codes of what goes out: webhooks, notices, NATS, and followers of the log."""

from stocktrail.interfaces.codes.code import Code, CodeChapter, Met

_COMMAND_LINE = (Met.COMMAND_LINE,)

CHAPTER = CodeChapter(
    "What goes out",
    "Webhooks, notices by e-mail, NATS JetStream, and programs that follow the log.",
    (
        Code(
            "another_worker",
            "Another process is delivering for this ledger already.",
            "Let it go on; if it is gone without a word, its turn ends within a minute.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "event_too_large",
            "An event is larger than the NATS server takes.",
            "Raise `max_payload` in its configuration.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "nats_unavailable",
            "The NATS server cannot be reached, or does not accept the login.",
            "Check its address and credentials, and call it again: that is safe.",
            _COMMAND_LINE, exits=(5,),
        ),
        Code(
            "refused",
            "The server refuses to send its events, and its answer has no code.",
            "Check that the address is that of a service of stocktrail.",
            (Met.PYTHON,),
        ),
        Code(
            "settings_missing",
            "Notices by e-mail cannot be sent: a setting is missing or wrong.",
            "Set the `STOCKTRAIL_NOTICES_...` that the message names.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "stopped",
            "Publishing was told to stop before all was published.",
            "Call it again: it goes on where it was.",
            _COMMAND_LINE, exits=(5,),
        ),
        Code(
            "stream_ahead_of_log",
            "The stream in NATS has come further than the log: one of them is another one.",
            "Publish to another stream, and let those who follow begin again.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "stream_not_created",
            "The NATS server does not create the stream.",
            "Read what it says in the message; often a right or room is missing.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "stream_of_another_ledger",
            "The stream in NATS holds the events of another ledger.",
            "Publish to another stream.",
            _COMMAND_LINE, exits=(1,),
        ),
        Code(
            "stream_of_something_else",
            "The stream in NATS is no copy of a log, or was emptied.",
            "Name another stream, or delete this one.",
            _COMMAND_LINE, exits=(1,),
        ),
    ),
)
