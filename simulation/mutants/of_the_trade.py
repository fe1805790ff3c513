"""Mutants of the rules of the trade and of the read models that follow from the log."""

from simulation.mutants.mutant import Mutant

OF_THE_TRADE = (
    Mutant(
        "line-skipped-in-the-queue",
        "A line that comes later is put behind all others, whatever its priority and date.",
        "ledger/stock/pool_queues.py",
        "        elif place < keys[-1]:\n",
        "        elif not keys:\n",
        "sqlite", 1_000,
    ),
    Mutant(
        "allocation-released-twice",
        "A line that is cancelled frees its units twice.",
        "ledger/stock/reservations.py",
        "changes.append(Change(order, each.line, line.pool, -allocated))",
        "changes.append(Change(order, each.line, line.pool, -2 * allocated))",
        "sqlite", 2_000,
    ),
    Mutant(
        "promise-not-pegged-again",
        "When a receipt moves, the promises that rest on it stay.",
        "projections/models/promises.py",
        "            touched.causes.append(each)\n            touched.all_pegs = True\n",
        "            touched.causes.append(each)\n",
        "sqlite", 2_000,
    ),
    Mutant(
        "position-apart-from-its-rows",
        "The position of the read models is recorded in a transaction before their rows.",
        "projections/read_models.py",
        "            projector.save(cursor)\n"
        "            self.side_tables.record(cursor, TRACKED_AS, position)\n",
        "            self.side_tables.record(cursor, TRACKED_AS, position)\n"
        "        with self.side_tables.writing(synced=False) as cursor:\n"
        "            projector.save(cursor)\n",
        "sqlite", 1_000,
    ),
    Mutant(
        "rebuild-switches-early",
        "A rebuild takes over although it has not folded what was recorded meanwhile.",
        "projections/rebuild/rebuild.py",
        "        side_tables.record(cursor, TRACKED_AS, position)\n",
        "        side_tables.record(cursor, TRACKED_AS, ledger.head().position)\n",
        "sqlite", 10_000,
    ),
)
