"""Random numbers of the shap package, which draws from numpy's global generator."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

_ONE_AT_A_TIME = threading.RLock()  # the generator is the whole process's: two jobs would draw from each other's


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within, numpy's global generator starts from `seed`; afterwards it is as it was."""
    with _ONE_AT_A_TIME:
        before = np.random.get_state()
        np.random.seed(seed % 2**32)
        try:
            yield
        finally:
            np.random.set_state(before)
