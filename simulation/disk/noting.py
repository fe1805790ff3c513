"""Exceptions that cannot be raised to anybody, because C code is in between."""

from types import TracebackType


class Noting:
    """Notes what is raised within, and goes on after the block; a context manager.

    ``ctypes`` would print an exception and return 0, which SQLite takes for success.
    """

    def __init__(self, noted: list[BaseException]) -> None:
        self._noted = noted

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if error is not None:
            self._noted.append(error)
        return True
