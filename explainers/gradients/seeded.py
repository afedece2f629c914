"""Random numbers of libraries that draw from torch's and numpy's global generators."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

_ONE_AT_A_TIME = threading.Lock()  # the generators are the whole process's: two jobs would draw from each other's


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within, the global generators start from `seed`; afterwards they are as they were."""
    import torch

    with _ONE_AT_A_TIME, torch.random.fork_rng(devices=[]):
        before = np.random.get_state()
        torch.manual_seed(seed)
        np.random.seed(seed % 2**32)
        try:
            yield
        finally:
            np.random.set_state(before)
