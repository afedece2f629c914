"""numpy's global random state, borrowed.

shap draws from it, so that a seed alone would not make a run repeatable, and a run would change what others draw. Here it is seeded for the time
that shap itself computes, and given back while a model is asked and at the end. Runs in several threads take turns in between.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

_LOCK = threading.Lock()


class Borrowed:
    """with Borrowed(seed) as state: ... ; with state.returned(): ... asks a model."""

    def __init__(self, seed: int):
        self._seed = seed % 2**32  # all that the global state takes
        self._outer: Any = None

    def __enter__(self) -> Borrowed:
        _LOCK.acquire()
        self._outer = np.random.get_state()
        np.random.seed(self._seed)
        return self

    def __exit__(self, *problem: object) -> None:
        np.random.set_state(self._outer)
        _LOCK.release()

    @contextmanager
    def returned(self) -> Iterator[None]:
        """The state as it was outside, for anybody, until the end of the block."""
        own = np.random.get_state()
        self.__exit__()
        try:
            yield
        finally:
            _LOCK.acquire()
            self._outer = np.random.get_state()
            np.random.set_state(own)
