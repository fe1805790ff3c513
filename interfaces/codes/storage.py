"""Codes of the database and of the log that is kept in it."""

from stocktrail.interfaces.codes.code import Code, CodeChapter, Met

_STORAGE = (Met.STORAGE,)

CHAPTER = CodeChapter(
    "The database and the log",
    "The database did not do what was asked. Nothing is half done, and sending the same commands "
    "again, with the same ids, is safe.",
    (
        Code(
            "bad_database_url",
            "The URL does not name a database.",
            "Write sqlite:///file.db, or postgresql://user:password@host/database.",
            _STORAGE,
        ),
        Code(
            "database_not_durable",
            "The PostgreSQL server is set up so that it can lose what it has confirmed.",
            "Switch on the setting that the message names, and start the server again.",
            _STORAGE,
        ),
        Code(
            "database_not_utf8",
            "The PostgreSQL database does not keep text as UTF-8.",
            "Make another one with ENCODING 'UTF8'.",
            _STORAGE,
        ),
        Code(
            "history_changed",
            "The log is not the one that was signed, or not the one that the program has read.",
            "Put the right database back; run `stocktrail verify` to see where they differ.",
            (Met.STORAGE, Met.FOUND),
        ),
        Code(
            "ledger_closed",
            "The ledger has been closed in this program.",
            "Open it again.",
            (Met.PYTHON,),
        ),
        Code(
            "ledger_damaged",
            "What is stored is not what was written.",
            "Run `stocktrail verify` to see where, and restore a backup.",
            (Met.STORAGE, Met.FOUND),
        ),
        Code(
            "ledger_not_found",
            "There is no ledger there.",
            "Check the URL, or submit commands to create the ledger.",
            _STORAGE,
        ),
        Code(
            "ledger_outdated",
            "The ledger was written by an earlier version.",
            "Run `stocktrail upgrade`.",
            _STORAGE,
        ),
        Code(
            "ledger_too_new",
            "The ledger was written by a later version.",
            "Install that version, or a later one.",
            _STORAGE,
        ),
        Code(
            "log_cut_short",
            "The end of the log is gone: it is shorter than what was signed or read.",
            "Put the right database back; a backup may be older than the log was.",
            (Met.STORAGE, Met.FOUND),
        ),
        Code(
            "log_is_published",
            "The log cannot be partitioned while it is replicated to another server.",
            "Drop the publication, partition, and set the replica up again.",
            _STORAGE,
        ),
        Code(
            "needs_postgresql",
            "Only a ledger in PostgreSQL can be partitioned.",
            "Leave it as it is, or move the ledger to PostgreSQL.",
            _STORAGE,
        ),
        Code(
            "not_a_ledger",
            "The file or database belongs to another program, or is damaged.",
            "Name another one, or restore a backup.",
            _STORAGE,
        ),
        Code(
            "rebuild_stopped",
            "The rebuild of the read models ended before it was done; the old ones still answer.",
            "Run `stocktrail rebuild` again.",
            _STORAGE,
        ),
        Code(
            "storage_busy",
            "Others kept the database locked for too long.",
            "Send the same again.",
            _STORAGE,
        ),
        Code(
            "storage_failed",
            "The database failed, or could not be reached.",
            "Look at the message, and send the same again.",
            _STORAGE,
        ),
        Code(
            "storage_full",
            "There is no room left on the disk.",
            "Free some space, and send the same again.",
            _STORAGE,
        ),
        Code(
            "storage_read_only",
            "The database cannot be written to.",
            "Check the permissions of the file, folder or user, and that it is no replica.",
            (Met.STORAGE, Met.COMMAND_LINE), exits=(1,),
        ),
        Code(
            "unknown_event",
            "The log holds an event that this version does not know.",
            "Install the version that wrote it, or a later one.",
            _STORAGE,
        ),
    ),
)
