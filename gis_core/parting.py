"""A process that ends with the one that started it."""

from __future__ import annotations

import ctypes
import signal

PR_SET_PDEATHSIG = 1


def end_with_parent(by: signal.Signals) -> None:
    """Be sent ``by`` when the process that started this one has ended (Linux). The caller looks whether it still runs:
    nothing comes for one that ended before."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, by)
