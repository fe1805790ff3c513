"""A file that a process has open."""

from typing import TYPE_CHECKING

from simulation.disk.shared_index import IndexUser
from simulation.disk.simulated_file import SimulatedFile
from simulation.surroundings import SimulatedProcess

if TYPE_CHECKING:
    from simulation.disk.files import Disk


class OpenFile:
    """One opening of a file. Once it ``is_gone``, nothing that is done with it has any effect.

    With ``syncs_folder`` the names in the folder become durable with the first sync, as SQLite does
    for its journals. ``failures_seen`` are the failed syncs of the file that it was told of, or
    that were before it.
    """

    __slots__ = (
        "deletes_on_close", "disk", "failures_seen", "file", "index_user", "is_gone",
        "is_read_only", "name", "process", "syncs_folder",
    )

    def __init__(
        self, disk: "Disk", name: str, file: SimulatedFile, process: SimulatedProcess | None,
        *, deletes_on_close: bool = False, syncs_folder: bool = False, is_read_only: bool = False,
    ) -> None:
        self.disk = disk
        self.name = name
        self.file = file
        self.process = process
        self.deletes_on_close = deletes_on_close
        self.syncs_folder = syncs_folder
        self.is_read_only = is_read_only
        self.index_user: IndexUser | None = None
        self.failures_seen = file.failures
        self.is_gone = False
