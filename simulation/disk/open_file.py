"""A file that a process has open."""

from typing import TYPE_CHECKING

from simulation.disk.shared_index import IndexUser
from simulation.disk.simulated_file import SimulatedFile
from simulation.surroundings import SimulatedProcess

if TYPE_CHECKING:
    from simulation.disk.files import Disk


class OpenFile:
    """One opening of a file. Once it ``is_gone``, nothing that is done with it has any effect."""

    __slots__ = (
        "deletes_on_close", "disk", "file", "index_user", "is_gone", "name", "process",
    )

    def __init__(
        self, disk: "Disk", name: str, file: SimulatedFile, process: SimulatedProcess | None,
        *, deletes_on_close: bool,
    ) -> None:
        self.disk = disk
        self.name = name
        self.file = file
        self.process = process
        self.deletes_on_close = deletes_on_close
        self.index_user: IndexUser | None = None
        self.is_gone = False
