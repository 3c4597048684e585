"""What the C library keeps of freed memory, and what Python looks through again and again."""

from __future__ import annotations

import contextlib
import ctypes
import gc

M_MMAP_THRESHOLD = -3  # malloc.h of glibc
LARGE_BYTES = 2**20


def give_back() -> None:
    """Hand freed memory back to the system now. Nothing happens with another library than glibc."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def give_large_blocks_back() -> None:
    """Have every block from `LARGE_BYTES` on go back to the system when it is freed.

    glibc raises that size by itself up to 32 MB, each time that such a block is freed. Pictures come in all sizes and
    pass through several threads, and each thread's part of the heap then keeps the largest that it ever held. Nothing
    happens with another library than glibc.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)


def settle() -> None:
    """What is loaded by now stays: the search for cycles of garbage leaves it aside from here on.

    That search stops every thread, the event loop's too. Through all that a web process has loaded it took 70 ms of a
    core, each time; on a busy machine, where a process has a tenth of a core, health waited that much longer.
    """
    gc.collect()
    gc.freeze()


def look_seldom() -> None:
    """Search for cycles of garbage after many more new objects: for a process that makes rows and no cycles, and
    would look through all that it holds of them over and over.
    """
    gc.set_threshold(100_000, 20, 100)
