"""What was asked for last, as much of it as a number of bytes holds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable


class Recent[K: Hashable, V]:
    """Values by key; where they grow beyond ``limit`` bytes, those that were not asked for longest go."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: K) -> V | None:
        """The value of ``key``, which counts as asked for now."""
        found = self._held.get(key)
        if found is None:
            return None
        self._held.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep ``value``, which is ``size`` bytes; not at all where it alone would be too large."""
        self.drop(key)
        if size > self._limit:
            return
        self._held[key] = value, size
        self.size += size
        while self.size > self._limit:
            self.drop(next(iter(self._held)))

    def drop(self, key: K) -> None:
        found = self._held.pop(key, None)
        if found is not None:
            self.size -= found[1]
