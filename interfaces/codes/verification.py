"""Codes of what shows that the log is whole: verification, checkpoints, keys, proofs, exports."""

from stocktrail.interfaces.codes.code import Code, CodeChapter, Met

_CALL, _FOUND = (Met.CALL,), (Met.FOUND,)

CHAPTER = CodeChapter(
    "Verification, proofs and exports",
    "What `stocktrail verify` finds means that the database was changed otherwise than by "
    "stocktrail, or that stocktrail made a mistake: keep the database as it is, and see "
    "[how to audit](../how-to/audit.md).",
    (
        Code(
            "allocated_more_than_on_hand",
            "More units are allocated than the sources have.",
            "Report it: the log does not follow the rules.",
            _FOUND,
        ),
        Code(
            "another_key",
            "The checkpoints of this ledger were signed with another key.",
            "Use that key, or begin again with `stocktrail new-epoch`.",
            _CALL,
        ),
        Code(
            "bad_checkpoint",
            "The file is no checkpoint.",
            "Name a file that `stocktrail checkpoint` wrote.",
            _CALL,
        ),
        Code(
            "bad_export",
            "The file is no whole export of a log; nothing was imported.",
            "Export it again with `stocktrail export`.",
            _CALL,
        ),
        Code(
            "bad_key",
            "This is no key.",
            "Name a file that `stocktrail new-key` wrote, or the public key that it printed.",
            _CALL,
        ),
        Code(
            "bad_key_name",
            "A key cannot have this name.",
            "Write it without spaces and without +, such as example.org/shop.",
            _CALL,
        ),
        Code(
            "bad_proof",
            "The file is no proof.",
            "Name a file that `stocktrail prove` or `stocktrail consistency` wrote.",
            (Met.CALL, Met.COMMAND_LINE), exits=(4,),
        ),
        Code(
            "bad_signature",
            "A checkpoint is not signed by the key that is expected.",
            "Check the public key; if it is right, somebody else wrote the checkpoint.",
            _FOUND,
        ),
        Code(
            "event_altered",
            "An event was changed after it was recorded.",
            "Restore a backup, and find out who changed it.",
            _FOUND,
        ),
        Code(
            "event_beyond_end",
            "There is an event after the end of the log.",
            "Restore a backup, and find out who wrote it.",
            _FOUND,
        ),
        Code(
            "event_does_not_fold",
            "An event does not follow from those before it.",
            "Restore a backup; if the log was never changed, report it.",
            _FOUND,
        ),
        Code(
            "file_exists",
            "The file that was to be written is there already.",
            "Name a file that is not.",
            _CALL,
        ),
        Code(
            "former_checkpoint",
            "The checkpoint was signed before the ledger was upgraded, and nothing can be proven "
            "with it.",
            "Make a new one with `stocktrail checkpoint`.",
            _CALL,
        ),
        Code(
            "free_while_waiting",
            "Units are free while a line waits for them.",
            "Report it: the log does not follow the rules.",
            _FOUND,
        ),
        Code(
            "head_altered",
            "What the log says of its own end was changed.",
            "Restore a backup, and find out who changed it.",
            _FOUND,
        ),
        Code(
            "index_differs",
            "The index of streams does not fit the log.",
            "Restore a backup, and find out who changed it.",
            _FOUND,
        ),
        Code(
            "item_differs",
            "The numbers of an item differ between two ways of computing them.",
            "Report it.",
            _FOUND,
        ),
        Code(
            "key_exists",
            "There is a key in this file already, and a key is never written over.",
            "Name another file.",
            _CALL,
        ),
        Code(
            "key_is_open",
            "Others on this machine may read the signing key.",
            "Run `chmod 600` on it, or make a new key if somebody may have read it.",
            _CALL,
        ),
        Code(
            "key_not_found",
            "There is no signing key in this place.",
            "Make one with `stocktrail new-key`, or name the right file.",
            _CALL,
        ),
        Code(
            "ledger_not_empty",
            "A log can only be imported into an empty ledger, and this one holds something.",
            "Name a new one with `--database`.",
            _CALL,
        ),
        Code(
            "line_below_zero",
            "The numbers of an order line are not possible: below 0, or more than was ordered.",
            "Report it: the log does not follow the rules.",
            _FOUND,
        ),
        Code(
            "log_is_whole",
            "The log extends its newest checkpoint, so no new epoch is needed.",
            "Nothing has to be done.",
            _CALL,
        ),
        Code(
            "no_checkpoint",
            "There is no checkpoint to prove it against.",
            "Make one with `stocktrail checkpoint`.",
            _CALL,
        ),
        Code(
            "not_covered",
            "The checkpoint does not reach as far as this.",
            "Make a new one with `stocktrail checkpoint`, or name the older one first.",
            _CALL,
        ),
        Code(
            "not_extended",
            "The log does not extend its newest checkpoint, so none is signed.",
            "Put the right database back, or go on with `stocktrail new-epoch`.",
            (Met.COMMAND_LINE,), exits=(1,),
        ),
        Code(
            "on_hand_below_zero",
            "A source has less than 0 of an item.",
            "Report it: the log does not follow the rules.",
            _FOUND,
        ),
        Code(
            "outcome_altered",
            "What became of a command was changed after it was recorded.",
            "Restore a backup, and find out who changed it.",
            _FOUND,
        ),
        Code(
            "outcome_missing",
            "What became of a command is gone.",
            "Restore a backup, and find out who removed it.",
            _FOUND,
        ),
        Code(
            "position_gap",
            "An event is missing in the middle of the log.",
            "Restore a backup, and find out who removed it.",
            _FOUND,
        ),
        Code(
            "proof_fails",
            "The proof does not prove what it says.",
            "Do not trust it; ask for a new one.",
            _CALL,
        ),
        Code(
            "read_model_ahead",
            "The read models have come further than the log: the end of the log is gone.",
            "Put the right database back, or run `stocktrail rebuild`.",
            _FOUND,
        ),
        Code(
            "read_model_differs",
            "A read model is not what follows from the log.",
            "Run `stocktrail rebuild`.",
            _FOUND,
        ),
        Code(
            "rebuild_overtaken",
            "Another rebuild of the read models has taken over, and this one stopped.",
            "Wait for the other one.",
            _CALL,
        ),
        Code(
            "recorded_time_not_increasing",
            "An event says that it was recorded before the one that it follows.",
            "Restore a backup, and find out who changed it.",
            _FOUND,
        ),
        Code(
            "seal_broken",
            "A part of the log is not what was sealed.",
            "Restore a backup, and find out who changed it.",
            _FOUND,
        ),
        Code(
            "snapshot_differs",
            "A stored shortcut to the state of a stream is wrong; the events are right.",
            "Delete it from `stored_snapshots`: it is made again.",
            _FOUND,
        ),
        Code(
            "stream_missing",
            "An event belongs to a stream of a kind that there is not.",
            "Install the version that wrote it, or restore a backup.",
            _FOUND,
        ),
        Code(
            "unreadable_event",
            "An event cannot be read.",
            "Install the version that wrote it, or restore a backup.",
            _FOUND,
        ),
        Code(
            "version_gap",
            "The versions of a stream are not 1, 2, 3 ... without a gap.",
            "Restore a backup, and find out who changed it.",
            _FOUND,
        ),
    ),
)
