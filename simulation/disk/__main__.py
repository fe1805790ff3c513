"""Play days of a shop on disks that lose power, fail to sync and fill up, seed by seed.

``python -m simulation.disk --seed 1 --days 100`` or ``--minutes 60``. A violation is printed with
its seed; the exit status is 1 then.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from simulation.disk.crash_images import crash_images
from simulation.disk.failing_syncs import failing_syncs
from simulation.disk.full_disks import full_disks

_IMAGES = 30


def main(arguments: Sequence[str]) -> int:
    """Play all three trials with each seed, print what was done, and return the exit status."""
    parser = argparse.ArgumentParser("python -m simulation.disk", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first day")
    parser.add_argument("--days", type=int, default=1, help="how many seeds, one after another")
    parser.add_argument("--minutes", type=float, help="go on with further seeds for so long")
    asked = parser.parse_args(arguments)
    began, seed, images, failures = time.monotonic(), asked.seed, 0, 0
    while True:
        check = "crash images"
        try:
            images += crash_images(seed, _IMAGES)
            check = "failing syncs"
            failures += failing_syncs(seed)
            check = "full disks"
            full_disks(seed)
        except Exception as error:
            said = " ".join(str(error).split()) or type(error).__name__
            step = images + failures + 1
            print(f"violation: seed={seed} step={step} check={check}: {said}", flush=True)
            raise
        seed += 1
        if asked.minutes is None and seed >= asked.seed + asked.days:
            break
        if asked.minutes is not None and time.monotonic() - began >= asked.minutes * 60:
            break
    print(
        f"seeds {asked.seed} to {seed - 1}: {images:,} images of a power cut, {failures:,} of one "
        f"after a failed sync, {seed - asked.seed:,} disks that filled up, no violation, "
        f"{time.monotonic() - began:,.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
