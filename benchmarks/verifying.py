"""How fast a log is verified, and how long and how large proofs are, also at ten million events.

Run with ``python -m benchmarks.verifying [--events N]``. A shop's log grows; at each size all four
verdicts are asked for, and integrity and streams alone, in processor time (of both processes, where
there are two) and by the clock; the log is compared with its newest checkpoint as at every start,
and events at random positions are proven and checked. What grows with the logarithm is extrapolated
along it, from the smallest and the largest size; verifying grows with the log itself.
"""

import json
import random
import sys
from collections.abc import Callable
from math import log2
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.as_of import steady_shop
from benchmarks.growing import measure_growing
from benchmarks.rebuild import SIZES, grow
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.checkpoint_schedule import make_checkpoint
from stocktrail.ledger.store.merkle.checkpoints import Checkpoint
from stocktrail.ledger.store.merkle.consistency import check_extends
from stocktrail.ledger.store.merkle.notes import Signer
from stocktrail.ledger.store.merkle.proofs import check_proof, prove_consistency, prove_inclusion
from stocktrail.projections import ReadModels
from stocktrail.projections.folding.shadow_tables import EVENTS_PER_BATCH, gc_paused
from stocktrail.projections.recorded_together import join_groups
from stocktrail.projections.verify import verify
from stocktrail.projections.verify.seal import SealCheck
from stocktrail.projections.verify.streams import StreamFolds

FAR, ROUNDS, PROOFS = 10_000_000, 3, 200
STREAMS = "integrity and streams, us an event"
WHOLE, CLOCK = "verify, us an event", "verify, us an event, by the clock"


def seconds_of(work: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Do something several times, and give the median of the seconds."""
    taken = []
    for _ in range(rounds):
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    return median(taken)


def microseconds(work: Callable[[], Any], events: int) -> tuple[float, float]:
    """Do something once, and give what an event takes: of the processors, and by the clock."""
    began, clock = _processor(), perf_counter()
    work()
    taken = _processor() - began, perf_counter() - clock
    return 1e6 * taken[0] / events, 1e6 * taken[1] / events


def _processor() -> float:
    used = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def check_streams(ledger: Ledger) -> None:
    """Hash every row and fold every stream, without read models."""
    seal, folds = SealCheck(ledger, ()), StreamFolds(ledger)
    position, stop = 0, seal.reach_end()
    with gc_paused():
        while position < stop:
            for together in join_groups(ledger.read_commands(position, EVENTS_PER_BATCH, stop)):
                folds.fold(together)
                position = together[-1].position
    if seal.integrity or folds.findings:
        raise SystemExit("The log that was just written is not as it must be.")


def check_all(models: ReadModels) -> None:
    """Ask for all four verdicts."""
    if not verify(models).ok:
        raise SystemExit("The log that was just written is not as it must be.")


def proofs(
    ledger: Ledger, signer: Signer, old: Checkpoint, new: Checkpoint, chance: random.Random
) -> dict[str, float]:
    """Prove and check events at random positions, and that one checkpoint extends another."""
    log = ledger.sealed_log
    at = [chance.randint(1, new.position) for _ in range(PROOFS)]
    places, made = iter(at), []
    proving = seconds_of(
        lambda: made.append(prove_inclusion(log, next(places), new, with_payload=False)), PROOFS
    )
    ready = iter(made)
    checking = seconds_of(lambda: check_proof(next(ready), signer.verifier), PROOFS)
    extends = prove_consistency(log, old, new)
    return {
        "prove an event, ms": proving * 1000,
        "check the proof, ms": checking * 1000,
        "hashes in it": median(len(each["path"]) for each in made),
        "bytes of it, without payload": median(len(json.dumps(each)) for each in made),
        "prove that it extends, ms": 1000 * seconds_of(lambda: prove_consistency(log, old, new)),
        "bytes of that": float(len(json.dumps(extends))),
        "compare at start, ms": 1000 * seconds_of(
            lambda: check_extends(log, ledger.checkpoints)),
    }


def measure(ledger: Ledger, events: int) -> None:
    """Grow a ledger to its size; verify and prove on the way."""
    models, rows, chance = ReadModels(ledger), steady_shop(random.Random(7)), random.Random(8)
    signer = Signer.new("example.org/shop")
    sizes = sorted({*(each for each in SIZES if each < events), events})
    columns: list[dict[str, float]] = []
    for size in sizes:
        grow(ledger, rows, size // 2)
        old = make_checkpoint(ledger, signer)
        grow(ledger, rows, size)
        new = make_checkpoint(ledger, signer)
        models.catch_up()
        streams, _ = microseconds(lambda: check_streams(ledger), new.position)
        processor, clock = microseconds(lambda: check_all(models), new.position)
        columns.append({
            STREAMS: streams, WHOLE: processor, CLOCK: clock,
            **proofs(ledger, signer, old, new, chance),
        })
        print(f"Verified after {size:,} events.", file=sys.stderr, flush=True)
    first, last = columns[0], columns[-1]
    print(f"{'':36}" + "".join(f"{size:>12,}" for size in sizes) + f"{FAR:>14,}")
    for name in first:
        far = _far(name, first[name], last[name], sizes[0], sizes[-1])
        print(f"{name:36}" + "".join(f"{each[name]:12,.2f}" for each in columns) + far)


def _far(name: str, first: float, last: float, smallest: int, largest: int) -> str:
    if name in (STREAMS, WHOLE, CLOCK):
        return ""
    doubling = (last - first) / log2(largest / smallest) if largest > smallest else 0.0
    return f"{last + max(doubling, 0.0) * log2(FAR / largest):14,.2f}"


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    measure_growing(measure, __doc__, arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
