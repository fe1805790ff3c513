"""The hash tree of RFC 6962: leaves, nodes, and the compact range to which leaves are appended.

A tree over 7 leaves consists of perfect subtrees over 4, 2 and 1 of them. Their hashes are its
*compact range*: all that is needed to append leaves and to compute the root.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

HASH_SIZE = 32

BLOCK_LEVELS = 8
"""At every multiple of this level the hashes of perfect subtrees are stored, for fast proofs."""

EMPTY_ROOT = sha256().digest()
"""The root of a tree without leaves."""


class Node(NamedTuple):
    """The hash of a perfect subtree over ``2 ** level`` leaves: the ``number``-th one from 0."""

    level: int
    number: int
    hash: bytes


NodeAt = Callable[[int, int], bytes]
"""Returns the hash of a perfect subtree by its level and number."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf.

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return sha256(b"\1" + left + right).digest()


def read_hash(written: str) -> bytes:
    """Return a hash that is written in hexadecimal. Raises ``ValueError`` for any other bytes.

    >>> read_hash("00")
    Traceback (most recent call last):
    ...
    ValueError: a hash has 32 bytes, not 1
    """
    found = bytes.fromhex(written)
    if len(found) != HASH_SIZE:
        raise ValueError(f"a hash has {HASH_SIZE} bytes, not {len(found)}")
    return found


class CompactRange(NamedTuple):
    """The number of leaves of a tree, and the hashes of its perfect subtrees, largest first."""

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The root of the tree.

        >>> one, two = leaf_hash(b"1"), leaf_hash(b"2")
        >>> CompactRange().extend([one, two])[0].root == node_hash(one, two)
        True
        """
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in self.nodes[-2::-1]:
            root = node_hash(node, root)
        return root

    def extend(self, leaves: Sequence[bytes]) -> tuple["CompactRange", list[Node]]:
        """Return the range after appending leaves, and hashes of completed subtrees to store."""
        size, pending, kept = self.size, list(self.nodes), []
        level, new, left = 0, list(leaves), []
        while new:                               # no node above them changes
            if size & 1:                         # a subtree of this size has its sibling now
                new.insert(0, pending.pop())
            start = size - (size & 1)
            if len(new) & 1:
                left.append(new.pop())
            pairs = iter(new)
            new = [
                sha256(b"\1" + one + other).digest()
                for one, other in zip(pairs, pairs, strict=True)
            ]
            size, level = size >> 1, level + 1
            if not level % BLOCK_LEVELS:
                kept += [Node(level, (start >> 1) + at, each) for at, each in enumerate(new)]
        return CompactRange(self.size + len(leaves), (*pending, *left[::-1])), kept

    def as_bytes(self) -> bytes:
        """Return the hashes concatenated; their number follows from the size."""
        return b"".join(self.nodes)

    @classmethod
    def of_bytes(cls, size: int, nodes: bytes) -> "CompactRange":
        """Return the range in concatenated hashes.

        Raises ``ValueError`` when their number does not fit the size.

        >>> CompactRange.of_bytes(3, b"a" * 32)
        Traceback (most recent call last):
        ...
        ValueError: a tree over 3 leaves has 2 complete trees, not 32 bytes
        """
        if size < 0 or len(nodes) != size.bit_count() * HASH_SIZE:
            raise ValueError(
                f"a tree over {size} leaves has {max(size, 0).bit_count()} complete trees, not "
                f"{len(nodes)} bytes"
            )
        return cls(size, tuple(
            nodes[start : start + HASH_SIZE] for start in range(0, len(nodes), HASH_SIZE)
        ))


class TreeWithRoots:
    """A tree that grows, and notes the roots that it had at some sizes."""

    def __init__(self, sizes: Iterable[int] = ()) -> None:
        self._sizes = sorted({*sizes})
        self.tree: CompactRange = CompactRange()
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}

    def extend(self, leaves: Sequence[bytes]) -> list[Node]:
        """Append leaves, and return the hashes of completed subtrees that are stored."""
        before = done = self.tree.size
        end, completed = before + len(leaves), []
        for size in [each for each in self._sizes if before < each < end] + [end]:
            self.tree, kept = self.tree.extend(leaves[done - before : size - before])
            self.roots[size], done = self.tree.root, size
            completed += kept
        return completed


# ---------------------------------------------------------------------- proofs


def perfect_subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """Return the levels and numbers of the perfect subtrees over leaves ``start`` to ``end``.

    >>> perfect_subtrees(0, 7)
    [(2, 0), (1, 2), (0, 6)]
    >>> perfect_subtrees(5, 8)
    [(0, 5), (1, 3)]
    """
    found = []
    while start < end:
        largest = (end - start).bit_length() - 1
        level = min((start & -start).bit_length() - 1, largest) if start else largest
        found.append((level, start >> level))
        start += 1 << level
    return found


def root_of(node_at: NodeAt, start: int, end: int) -> bytes:
    """Return the root of the tree over leaves ``start`` to ``end``, as RFC 6962 splits it."""
    trees = perfect_subtrees(start, end)
    if not trees:
        return EMPTY_ROOT
    root = node_at(*trees[-1])
    for tree in trees[-2::-1]:
        root = node_hash(node_at(*tree), root)
    return root


def inclusion_path(node_at: NodeAt, index: int, size: int) -> list[bytes]:
    """Return the hashes from a leaf to the root of a tree, bottom up (RFC 6962, 2.1.1)."""
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(root_of(node_at, middle, end))
            end = middle
        else:
            path.append(root_of(node_at, start, middle))
            start = middle
    return path[::-1]


def root_of_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root to which a path leads. Raises ``ValueError`` for an impossible path.

    >>> one, two, three = map(leaf_hash, (b"1", b"2", b"3"))
    >>> root = CompactRange().extend([one, two, three])[0].root
    >>> root_of_path(three, 2, 3, [node_hash(one, two)]) == root
    True
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree over {size}")
    last, root, left = size - 1, leaf, list(path)[::-1]
    while last:
        if index & 1 or index < last:
            if not left:
                raise ValueError("the path is too short")
            other = left.pop()
            root = node_hash(other, root) if index & 1 else node_hash(root, other)
        index, last = index >> 1, last >> 1
    if left:
        raise ValueError("the path is too long")
    return root


def consistency_path(node_at: NodeAt, old: int, size: int) -> list[bytes]:
    """Return the hashes which show that a tree begins with an earlier one (RFC 6962, 2.1.2)."""
    if not 0 < old < size:
        return []
    path: list[bytes] = []
    start, end, is_contiguous = 0, size, True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(root_of(node_at, middle, end))
            end = middle
        else:
            path.append(root_of(node_at, start, middle))
            start, is_contiguous = middle, False
    return ([] if is_contiguous else [root_of(node_at, start, end)]) + path[::-1]


def is_consistent(
    old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> bool:
    """Return whether a path shows that the tree over ``size`` leaves begins with the earlier one.

    >>> one, two, three = map(leaf_hash, (b"1", b"2", b"3"))
    >>> old, new = (CompactRange().extend(each)[0].root for each in ([one, two], [one, two, three]))
    >>> is_consistent(2, old, 3, new, [three]), is_consistent(2, new, 3, old, [three])
    (True, False)
    """
    if old > size or old < 0:
        return False
    if old in (0, size):
        return not path and (old_root == EMPTY_ROOT if old == 0 else old_root == root)
    first, last = old - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    left = list(path)[::-1]
    if first and not left:
        return False
    begun = left.pop() if first else old_root
    earlier = later = begun
    while last:
        if first & 1 or first < last:
            if not left:
                return False
            other = left.pop()
            if first & 1:
                earlier, later = node_hash(other, earlier), node_hash(other, later)
            else:
                later = node_hash(later, other)
        first, last = first >> 1, last >> 1
    return not left and earlier == old_root and later == root


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1
