"""What the C library keeps of freed memory."""

from __future__ import annotations

import contextlib
import ctypes

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
