"""Mutants of what keeps the log: syncs, transactions, the head and replies that never come."""

from simulation.mutants.mutant import Mutant

_SQLITE = "ledger/store/sqlite/"
_POSTGRES = "ledger/store/postgres/"

OF_THE_DATABASES = (
    Mutant(
        "never-synced",
        "Commits are answered before anything is synced to the disk.",
        _SQLITE + "connection_pools.py",
        "{'EXTRA' if self._is_synced else 'OFF'}",
        "OFF",
        "crash images", 2_000,
    ),
    Mutant(
        "synced-at-checkpoints-only",
        "A commit of the log returns before it is synced, as that of a read model may.",
        _SQLITE + "recorder.py",
        "        with self.datastore.write_transaction() as cursor:\n            yield SQ",
        "        with self.datastore.writing_models(synced=False) as cursor:\n"
        "            yield SQ",
        "crash images", 2_000,
    ),
    Mutant(
        "sync-left-off",
        "Once read models were written, the connection syncs no commit of the log any more.",
        _SQLITE + "unsynced.py",
        '            _sync_commits(connection, "FULL", ',
        '            _sync_commits(connection, "NORMAL", ',
        "crash images", 1_000,
    ),
    Mutant(
        "head-committed-before-its-rows",
        "The head is moved in a transaction of its own, before the rows are written.",
        _SQLITE + "append.py",
        "        raise HeadMoved\n    sealed",
        '        raise HeadMoved\n    cursor.execute("COMMIT")\n'
        '    cursor.execute("BEGIN IMMEDIATE")\n    sealed',
        "crash images", 1_000,
    ),
    Mutant(
        "failed-sync-not-settled",
        "A log that was left by a process whose last sync failed is taken to be on the disk.",
        _SQLITE + "write_ahead_log.py",
        "        self.is_durable: bool = path is None or not path.exists()\n",
        "        self.is_durable: bool = True\n",
        "crash images", 2_000,
    ),
    Mutant(
        "node-of-the-tree-not-written",
        "Of each commit one node of the hash tree is not written.",
        _SQLITE + "append.py",
        "(_INSERT_PLACE, index), (_INSERT_NODE, nodes),",
        "(_INSERT_PLACE, index), (_INSERT_NODE, nodes[1:]),",
        "sqlite", 1_000,
    ),
    Mutant(
        "head-without-compare-and-set",
        "A group moves the head although another writer has moved it since.",
        _POSTGRES + "schema.py",
        "WHERE id = 1 AND sequence = expected_sequence AND fence = expected_fence;",
        "WHERE id = 1 AND fence = expected_fence;",
        "postgresql", 2_000,
    ),
    Mutant(
        "lost-reply-taken-for-commit",
        "A server that does not answer any more is taken to have committed.",
        _POSTGRES + "append.py",
        "        answers = run_pipeline(self._connection, calls)\n"
        "        is_recorded = bool(answers[0][0][0])\n",
        "        try:\n"
        "            is_recorded = bool(run_pipeline(self._connection, calls)[0][0][0])\n"
        "        except psycopg.Error:\n"
        "            is_recorded = True\n",
        "postgresql", 2_000,
    ),
)
