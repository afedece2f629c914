"""The colour of a place in the word most people would use: red, brown, grey, and so on.

A hue alone does not name a colour: the hue of an orange is brown where it is dark, that of a lemon olive green, and a little of it is grey. So
colours are compared in CIELAB with colours that people named themselves: the medians of the XKCD colour survey (R. Munroe 2010, 222,500
participants; public domain), of which the everyday ones are listed here under the word that stands for them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# sRGB, as in the survey's table of names. Several for a word: light, dark and dull ones have names of their own.
NAMED = {
    "red": "e50000 840000 8f1402 ff000d 8c000f 650021 a83c09",
    "orange": "f97306 c65102 ff5b00 ffb07c",
    "yellow": "ffff14 ceb301 dbb40c fffe7a",
    "green": "15b01a 033500 96f97b 01ff07 6e750e 677a04 89fe05 06470c 3f9b0b 87ae73 9ffeb0 8eab12 c0fb2d",
    "turquoise": "00ffff 029386 06c2ac 13eac9 014d4e 90e4c1",
    "blue": "0343df 00035b 95d0fc 75bbfd 001146 0504aa 0165fc 6b8ba4 5b7c99",
    "purple": "7e1e9c 35063e bf77f6 9a0eea c79fef 8e82fe ae7181",
    "pink": "ff81c0 ff028d ffd1df c20078 ff796c cb416b cf6275 d58a94",
    "brown": "653700 341c02 ad8150 d1b26f 7f2b0a b9a281 e6daa6",
    "grey": "929591 363737 d8dcd6",
    "black": "000000",
    "white": "ffffff ffffe4",
}
COLOURS = tuple(NAMED)
# Degrees on the circle of hues (0 = red, 120 = green, 240 = blue) of those that have a hue.
DEGREES = {"red": 0, "orange": 27, "yellow": 55, "green": 110, "turquoise": 175, "blue": 225, "purple": 285, "pink": 335, "brown": 32}
STEPS = 32  # of a channel, in the table of all colours
SOFT = 4.0  # CIELAB units: between two names a colour counts for both, the nearer by e for each of these


def shares(rgb: np.ndarray) -> np.ndarray:
    """How far each place's colour is what each of COLOURS says: rgb (..., 3), 0 to 1 -> float32 (..., 12), sums 1."""
    at = np.clip((rgb * STEPS).astype(np.int32), 0, STEPS - 1)
    return _table()[at[..., 0], at[..., 1], at[..., 2]]


@lru_cache(maxsize=1)
def _table() -> np.ndarray:
    """float32 (32, 32, 32, 12): `shares` at the middle of each step."""
    line = (np.arange(STEPS) + 0.5) / STEPS
    every = lab(np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1))
    distance = np.empty((*every.shape[:-1], len(COLOURS)))
    for column, codes in enumerate(NAMED.values()):
        known = lab(np.array([[int(code[i : i + 2], 16) for i in (0, 2, 4)] for code in codes.split()]) / 255)
        distance[..., column] = np.min([np.linalg.norm(every - one, axis=-1) for one in known], axis=0)
    weight = np.exp((distance.min(-1, keepdims=True) - distance) / SOFT)
    return (weight / weight.sum(-1, keepdims=True)).astype(np.float32)


def lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB (..., 3), 0 to 1, to CIELAB under D65: lightness 0 to 100, a and b about -100 to 100 (IEC 61966-2-1, CIE 15)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = linear @ np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]).T / [0.9505, 1.0, 1.089]
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)
