"""The shared memory of a database in WAL mode: the index of its log, and eight locks."""

import ctypes
import mmap
import os
import struct

from stocktrail.ledger.store.sqlite.write_ahead_log import COPIED_AT, NOTHING_COPIED

REGION_BYTES = 32_768
SLOTS = 8

_LOG_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24

_MAP_SHARED, _MAP_PRIVATE, _MAP_FIXED = 0x01, 0x02, 0x10
_READ_AND_WRITE = mmap.PROT_READ | mmap.PROT_WRITE

_SYSTEM = ctypes.CDLL(None, use_errno=True)
_map = _SYSTEM.mmap
_map.restype = ctypes.c_void_p
_map.argtypes = [
    ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long,
]
_unmap = _SYSTEM.munmap
_unmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


class SharedIndex:
    """Memory that all users of one database share; it is gone with the last of them."""

    def __init__(self) -> None:
        self._memory = os.memfd_create("simulated-shm")
        self.regions = 0
        self.users: list[IndexUser] = []

    def extend(self, regions: int) -> None:
        """Make sure that there are so many regions, of zeros where they are new."""
        if regions > self.regions:
            os.ftruncate(self._memory, regions * REGION_BYTES)
            self.regions = regions

    def map(self, region: int, where: int | None = None) -> int:
        """Map a region and return its address; at a given address as a copy that nobody shares."""
        flags = _MAP_SHARED if where is None else _MAP_PRIVATE | _MAP_FIXED
        address: int = _map(
            where, REGION_BYTES, _READ_AND_WRITE, flags, self._memory, region * REGION_BYTES
        )
        if address in (None, ctypes.c_void_p(-1).value):
            raise OSError(ctypes.get_errno(), "mmap")
        return address

    def committed_bytes(self) -> int | None:
        """Return the size of the log up to the last commit; ``None`` before it was recovered.

        From the first copy of the header: https://sqlite.org/walformat.html#the_wal_index_file_format
        """
        if not self.regions:
            return None
        header = struct.unpack_from("=IIIBBHI", os.pread(self._memory, 48, 0))
        is_ready, page_bytes, frames = header[3], header[5], header[6]
        page_bytes = 65_536 if page_bytes == 1 else page_bytes
        return _LOG_HEADER_BYTES + frames * (_FRAME_HEADER_BYTES + page_bytes) if is_ready else None

    def copy_again(self) -> None:
        """Note that nothing of the log has been copied into the file."""
        if self.regions:
            os.pwrite(self._memory, NOTHING_COPIED, COPIED_AT)

    def leave(self, user: "IndexUser") -> bool:
        """Let a user go with its locks, and return whether it was the last one."""
        self.users.remove(user)
        if self.users:
            return False
        os.close(self._memory)
        return True


class IndexUser:
    """One open file's part in the shared memory: where it is mapped, and the locks that it holds.

    ``shared`` and ``exclusive`` are sets of locks as bits.
    """

    def __init__(self, index: SharedIndex) -> None:
        self.index = index
        self.addresses: dict[int, int] = {}
        self.shared = 0
        self.exclusive = 0
        index.users.append(self)

    def address(self, region: int, *, extend: bool) -> int | None:
        """Return the address of a region, or ``None`` where it does not exist."""
        if region in self.addresses:
            return self.addresses[region]
        if region >= self.index.regions:
            if not extend:
                return None
            self.index.extend(region + 1)
        self.addresses[region] = self.index.map(region)
        return self.addresses[region]

    def lock(self, slots: int, *, exclusive: bool) -> bool:
        """Take locks, given as bits, and return whether nobody else was in the way."""
        for other in self.index.users:
            if other is not self and (
                other.exclusive & slots or (exclusive and other.shared & slots)
            ):
                return False
        if exclusive:
            self.exclusive |= slots
        else:
            self.shared |= slots
        return True

    def unlock(self, slots: int) -> None:
        """Return locks."""
        self.shared &= ~slots
        self.exclusive &= ~slots

    def detach(self) -> None:
        """Let the memory stay where it is, as a copy: a dead process changes nothing for others."""
        for region, address in self.addresses.items():
            self.index.map(region, address)

    def unmap(self) -> None:
        """Return the addresses to the system."""
        for address in self.addresses.values():
            _unmap(address, REGION_BYTES)
        self.addresses.clear()
