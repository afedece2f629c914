"""A key of 128 bits for each row of a table, in a few vectorised passes.

Every value becomes one or two 64-bit words; each word is mixed with constants of its column, and a row's key is the sum of its
words in two independent lanes. The constants follow from the columns' names and dtypes and from a secret of this process, so that
tables with other columns share no key, and nobody can make up two rows that share one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

_SECRET = os.urandom(32)


def frame_keys(frame: pd.DataFrame) -> list[bytes]:
    """The key of each row: columns, dtypes and values count."""
    columns = [frame.iloc[:, i] for i in range(frame.shape[1])]
    return row_keys([value_words(c) for c in columns], [(repr(c.name), dtype_name(c.dtype)) for c in columns], len(frame))


def row_keys(columns: Sequence[Sequence[np.ndarray]], header: Sequence[tuple[str, str]], n: int) -> list[bytes]:
    """The key of each of n rows. columns: the words of each column; header: name and dtype of each."""
    words = [word for column in columns for word in column]
    constants = _constants(tuple(header), len(words))
    mixed = np.empty((len(words), n), dtype=np.uint64)
    for row, word in enumerate(words):
        mixed[row] = word
    mixed ^= constants[0][:, None]
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # the end of splitmix64 (Steele et al. 2014)
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    keys = np.empty((n, 2), dtype=np.uint64)
    mixed.sum(axis=0, out=keys[:, 0])
    mixed ^= mixed >> np.uint64(32)
    mixed *= constants[1][:, None] | np.uint64(1)
    mixed ^= mixed >> np.uint64(29)
    mixed.sum(axis=0, out=keys[:, 1])
    return keys.view("V16").ravel().tolist()


@lru_cache(maxsize=64)
def _constants(header: tuple[tuple[str, str], ...], words: int) -> np.ndarray:
    """Two constants for each word, uint64 (2, words)."""
    data = hashlib.shake_256(_SECRET + repr(header).encode("utf8", "surrogatepass")).digest(16 * words)
    return np.frombuffer(data, dtype=np.uint64).reshape(2, words)


def dtype_name(dtype: Any) -> str:
    return f"category of {dtype.categories.dtype}" if isinstance(dtype, pd.CategoricalDtype) else str(dtype)


def value_words(values: Any) -> list[np.ndarray]:
    """One or two uint64 words (n,) for each value of a column: the bits of a number, else a hash of its type and text."""
    values = values.to_numpy() if isinstance(values, pd.arrays.NumpyExtensionArray) else values
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "iub":
        return [np.asarray(values).astype(np.int64 if dtype.kind == "i" else np.uint64).view(np.uint64)]
    if isinstance(dtype, np.dtype) and dtype.kind == "f" and dtype.itemsize <= 8:
        return [np.asarray(values).astype(np.float64).view(np.uint64)]
    if isinstance(dtype, pd.CategoricalDtype):
        categorical = pd.Categorical(values)
        # -1 marks a missing value: it takes the last place.
        return [np.append(word, np.uint64(0x6E616E))[categorical.codes] for word in value_words(categorical.categories)]
    if str(dtype) == "object" and pd.api.types.infer_dtype(values, skipna=False) != "string":
        # Spelt out first, because pandas takes 1, True and 1.0, or None and NaN, for equal.
        codes, spelt = pd.factorize(np.array([_spelt(value) for value in values], dtype=object))
    else:
        codes, distinct = pd.factorize(values, use_na_sentinel=False)
        spelt = np.array([_spelt(value) for value in distinct], dtype=object)
    hashes = b"".join(hashlib.blake2b(s.encode("utf8", "surrogatepass"), digest_size=16, key=_SECRET).digest() for s in spelt)
    table = np.frombuffer(hashes, dtype=np.uint64).reshape(-1, 2)
    return [table[codes, 0], table[codes, 1]]


def _spelt(value: Any) -> str:
    return f"str:{value}" if isinstance(value, str) else f"{type(value).__name__}:{value!r}"
