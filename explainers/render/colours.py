"""The two colours of "toward" and "away", told apart by the colour-blind and readable on light and dark.

Blue and orange of middle lightness: at least 3:1 on both of Streamlit's backgrounds (tests/explainers/render/test_colours.py).
"""

from __future__ import annotations

TOWARD = "#2e7ad1"
AWAY = "#cc5f12"
STRONG = "#8a5bd8"  # of what counts without a direction: a third hue, so that it is not read as "toward"

LIGHT_BACKGROUND, LIGHT_TEXT = "#ffffff", "#31333f"
DARK_BACKGROUND, DARK_TEXT = "#0e1117", "#fafafa"

# Weakest and strongest tint behind a word; text keeps 4.5:1 on the strongest.
TINT = (0.10, 0.45)


def of(value: float) -> str:
    return TOWARD if value >= 0 else AWAY


def tint(value: float, largest: float) -> float:
    """Opacity of the tint behind a part: stronger the more it counts."""
    share = min(1.0, abs(value) / largest) if largest > 0 else 0.0
    return round(TINT[0] + (TINT[1] - TINT[0]) * share, 2)


def rgba(colour: str, alpha: float) -> str:
    red, green, blue = channels(colour)
    return f"rgba({red},{green},{blue},{alpha:g})"


def over(colour: str, alpha: float, background: str) -> str:
    """The solid colour that a tint makes on a background."""
    mixed = (round(alpha * a + (1 - alpha) * b) for a, b in zip(channels(colour), channels(background), strict=True))
    return "#" + "".join(f"{c:02x}" for c in mixed)


def channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(a: str, b: str) -> float:
    """WCAG contrast ratio of two colours, 1 to 21."""
    dark, light = sorted((_luminance(a), _luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
