"""Leases: who was killed has lost its own at once, whoever has asked after it."""

import os
import subprocess
import sys

from stocktrail.feeds.leases import is_dead, new_owner
from tests.waiting import wait_until


def test_a_killed_process_holds_no_lease_though_its_parent_has_not_asked_after_it() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        holder = new_owner().replace(f"|{os.getpid()}|", f"|{process.pid}|")
        assert not is_dead(holder)
        process.kill()
        wait_until(lambda: is_dead(holder), "it is dead")
        assert process.returncode is None
