"""Sets of objects as the bits of one whole number: a union of thousands costs what an addition costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

Mask = int


class Index:
    """Gives every id its bit, for good: masks made before and after a change can be compared."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.bits: dict[int, Mask] = {}

    def bit(self, pk: int) -> Mask:
        found = self.bits.get(pk)
        if found is None:
            found = self.bits[pk] = 1 << len(self.ids)
            self.ids.append(pk)
        return found

    def mask(self, pks: Iterable[int]) -> Mask:
        """Return the set of these ids, no two of which are equal."""
        try:
            return sum(map(self.bits.__getitem__, pks))
        except KeyError:
            return sum(map(self.bit, pks))

    def of(self, mask: Mask) -> ObjectSet:
        return ObjectSet(self, mask)


class ObjectSet(AbstractSet[int]):
    """The ids of a mask; they are spelled out only when somebody asks for them."""

    __slots__ = ("_index", "_mask")

    def __init__(self, index: Index, mask: Mask) -> None:
        self._index = index
        self._mask = mask

    @classmethod
    def union(cls, sets: Iterable[AbstractSet[int]]) -> frozenset[int]:
        """Return all members of the sets. Those of one index are joined before they are spelled out."""
        masks: dict[int, tuple[Index, Mask]] = {}
        others: set[int] = set()
        for some in sets:
            if isinstance(some, cls):
                index = some._index
                masks[id(index)] = (index, masks.get(id(index), (index, 0))[1] | some._mask)
            else:
                others.update(some)
        return frozenset(others).union(*(index.of(mask) for index, mask in masks.values()))

    @classmethod
    def _from_iterable(cls, pks: Iterable[int]) -> frozenset[int]:  # type: ignore[override]
        return frozenset(pks)

    def __len__(self) -> int:
        return self._mask.bit_count()

    def __iter__(self) -> Iterator[int]:
        ids = self._index.ids
        for bit in bits_of(self._mask):
            yield ids[bit.bit_length() - 1]

    def __contains__(self, pk: object) -> bool:
        return bool(self._index.bits.get(pk, 0) & self._mask)  # type: ignore[call-overload]

    def __repr__(self) -> str:
        return repr(set(self))


def bits_of(mask: Mask) -> Iterator[Mask]:
    """Yield the masks of its single members, the lowest first."""
    while mask:
        low = mask & -mask
        yield low
        mask ^= low
