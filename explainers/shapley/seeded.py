"""Random numbers of the shap package, which draws from numpy's global generator.

The generator is the whole process's, so jobs take turns with it. While a model is asked, which is most of the time, it is lent back: others
run then, and find it as they left it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

_ONE_AT_A_TIME = threading.Lock()
_MINE = threading.local()  # .outer: what the generator was before this thread took it; absent where it did not


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within, numpy's global generator starts from `seed`; afterwards it is as it was."""
    _take(np.random.RandomState(seed % 2**32).get_state())
    try:
        yield
    finally:
        _give_back()


@contextmanager
def lent() -> Iterator[None]:
    """Within `seeded`: the generator as it was before, for anybody; afterwards this thread's own again. Elsewhere nothing."""
    if not hasattr(_MINE, "outer"):
        yield
        return
    own = np.random.get_state()
    _give_back()
    try:
        yield
    finally:
        _take(own)


def _take(state: Any) -> None:
    _ONE_AT_A_TIME.acquire()
    _MINE.outer = np.random.get_state()
    np.random.set_state(state)


def _give_back() -> None:
    np.random.set_state(_MINE.outer)
    del _MINE.outer
    _ONE_AT_A_TIME.release()
