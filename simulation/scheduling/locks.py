"""Simulated locks, conditions, events and semaphores, in the place of those of ``threading``.

Who gets a free lock follows from the seed, and a thread that comes by may take it from one that was
woken for it, as with real ones. Threads outside of a simulation may use them too.
"""

from _thread import get_ident
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from simulation.scheduling.tasks import HERE
from simulation.scheduling.waiting import WaitingTasks, monotonic, pause

T = TypeVar("T")


def _is_unwinding() -> bool:
    """Return whether the caller is a task that was killed."""
    task = HERE.task
    return task is not None and not task.process.is_alive


class _TakenWithin(ABC):
    """What is taken at the beginning of a ``with`` block, and given back at its end."""

    @abstractmethod
    def acquire(self) -> bool: ...

    @abstractmethod
    def release(self) -> None: ...

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


class SimulatedLock(_TakenWithin):
    """A lock that any thread may release."""

    def __init__(self) -> None:
        self._is_locked = False
        self._waiting = WaitingTasks("a lock")

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it, and wait for it if need be; return whether it was taken."""
        pause()
        if self._is_locked:
            seconds = None if timeout < 0 else timeout
            if not blocking or not self._waiting.wait_until(lambda: not self._is_locked, seconds):
                return False
        self._is_locked = True
        return True

    def release(self) -> None:
        """Free it, and wake one of those that wait."""
        if not self._is_locked:
            if _is_unwinding():          # its wait was broken off before it had the lock again
                return
            raise RuntimeError("release unlocked lock")
        self._is_locked = False
        self._waiting.wake_one()
        pause()

    def locked(self) -> bool:
        """Return whether somebody has it."""
        return self._is_locked


class SimulatedRLock(_TakenWithin):
    """A lock that the thread that has it may take again."""

    def __init__(self) -> None:
        self._lock = SimulatedLock()
        self._owner: int | None = None
        self._depth = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it, and wait for it if need be; return whether it was taken."""
        if self._owner != get_ident():
            if not self._lock.acquire(blocking, timeout):
                return False
            self._owner = get_ident()
        self._depth += 1
        return True

    def release(self) -> None:
        """Undo one ``acquire``; the last one frees it."""
        if self._owner != get_ident():
            if _is_unwinding():
                return
            raise RuntimeError("cannot release un-acquired lock")
        self._depth -= 1
        if not self._depth:
            self._owner = None
            self._lock.release()

    def release_all(self) -> int:
        """Free it whatever its depth, and return that."""
        depth, self._depth = self._depth, 1
        self.release()
        return depth

    def acquire_again(self, depth: int) -> None:
        """Take it at a depth."""
        self.acquire()
        self._depth = depth

    def is_mine(self) -> bool:
        """Return whether the calling thread has it."""
        return self._owner == get_ident()


class _Notice:
    """What one thread waits for at a condition."""

    def __init__(self) -> None:
        self.has_come = False
        self.waiting = WaitingTasks("a condition")


class SimulatedCondition:
    """A condition; those that wait longest are notified first, as with real ones."""

    def __init__(self, lock: SimulatedLock | SimulatedRLock | None = None) -> None:
        self._lock = SimulatedRLock() if lock is None else lock
        self._notices: list[_Notice] = []
        self.acquire = self._lock.acquire
        self.release = self._lock.release

    def wait(self, timeout: float | None = None) -> bool:
        """Free the lock until notified, and take it again; return whether it was in time."""
        self._require_lock()
        notice = _Notice()
        self._notices.append(notice)
        depth = self._free()
        try:
            return notice.waiting.wait_until(lambda: notice.has_come, timeout)
        finally:
            if not notice.has_come:
                self._notices.remove(notice)
            self._take(depth)

    def wait_for(self, predicate: Callable[[], T], timeout: float | None = None) -> T:
        """Wait until something is so, or the time is over; return what it is then."""
        result = predicate()
        until = None
        while not result:
            if timeout is not None:
                until = monotonic() + timeout if until is None else until
                if until <= monotonic():
                    break
            self.wait(None if until is None else until - monotonic())
            result = predicate()
        return result

    def notify(self, n: int = 1) -> None:
        """Wake the first that wait; they go on when they have the lock."""
        self._require_lock()
        notified, self._notices = self._notices[:n], self._notices[n:]
        for notice in notified:
            notice.has_come = True
            notice.waiting.wake_all()

    def notify_all(self) -> None:
        """Wake all that wait."""
        self.notify(len(self._notices))

    def _require_lock(self) -> None:
        lock = self._lock
        if not (lock.is_mine() if isinstance(lock, SimulatedRLock) else lock.locked()):
            raise RuntimeError("cannot wait on or notify an un-acquired lock")

    def _free(self) -> int:
        if isinstance(self._lock, SimulatedRLock):
            return self._lock.release_all()
        self._lock.release()
        return 1

    def _take(self, depth: int) -> None:
        if isinstance(self._lock, SimulatedRLock):
            self._lock.acquire_again(depth)
        else:
            self._lock.acquire()

    def __enter__(self) -> bool:
        return self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()


class SimulatedEvent:
    """A flag that threads wait for."""

    def __init__(self) -> None:
        self._is_set = False
        self._times_set = 0
        self._waiting = WaitingTasks("an event")

    def is_set(self) -> bool:
        """Return whether it is set."""
        return self._is_set

    def set(self) -> None:
        """Set it, and wake all that wait, also when it is taken back before they run."""
        pause()
        self._is_set = True
        self._times_set += 1
        self._waiting.wake_all()

    def clear(self) -> None:
        """Take it back."""
        pause()
        self._is_set = False

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set; return whether it was within the time."""
        pause()
        before = self._times_set
        return self._is_set or self._waiting.wait_until(
            lambda: self._times_set > before, timeout
        )


class SimulatedSemaphore(_TakenWithin):
    """A number of permits."""

    def __init__(self, value: int = 1) -> None:
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        self._value = value
        self._waiting = WaitingTasks("a semaphore")

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """Take a permit, and wait for one if need be; return whether one was taken."""
        pause()
        if not self._value and not (
            blocking and self._waiting.wait_until(lambda: self._value > 0, timeout)
        ):
            return False
        self._value -= 1
        return True

    def release(self, n: int = 1) -> None:
        """Put permits back, and wake as many that wait."""
        self._value += n
        for _ in range(n):
            self._waiting.wake_one()


class SimulatedBoundedSemaphore(SimulatedSemaphore):
    """A number of permits of which never more are given back than there were."""

    def __init__(self, value: int = 1) -> None:
        super().__init__(value)
        self._most = value

    def release(self, n: int = 1) -> None:
        if self._value + n > self._most:
            if _is_unwinding():
                return
            raise ValueError("Semaphore released too many times")
        super().release(n)
