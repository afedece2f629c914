"""Pictures of the walk-through as HTML that fits the height of the screen, and the chart of its last step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd
from PIL import Image
from scipy.ndimage import gaussian_filter

from explainers import Explanation
from explainers.render import colours, escape
from explainers.render.overlay import address

from .material import ANIMAL, BACKGROUND, LOOSER, NEITHER, STRICTER, Material

SIDE = 384  # pixels of a picture as it is sent
_STRONGEST = 99.0  # percentile of a map's numbers that gets the full colour
_BLUR = 3.0  # standard deviation, pixels of the picture, of a map that has a number for each pixel
_FULL = 0.85  # opacity of the full colour
_SAID = {ANIMAL: "says: the animal", NEITHER: "says neither", BACKGROUND: "says: the background"}


@dataclass(frozen=True)
class Shown:
    """A picture with the line below it. alt: what it shows, in a sentence."""

    source: str
    caption: str
    alt: str


def photograph(picture: Image.Image, caption: str, alt: str) -> Shown:
    return Shown(_source(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)), caption, alt)


def heat(e: Explanation, caption: str, alt: str) -> Shown:
    """A map over its photograph in grey: every method is drawn alike, its strongest hundredth of pixels in full colour."""
    values = np.asarray(e.payload.map, dtype=np.float64)
    if e.payload.per_pixel:  # speckle of single pixels would not be seen; toward and against do not cancel
        toward, against = (gaussian_filter(np.clip(side * values, 0, None), _BLUR) for side in (1, -1))
        values = np.where(toward >= against, toward, -against)
    full = float(np.percentile(np.abs(values[values != 0]), _STRONGEST)) if values.any() else 1.0
    strength = np.clip(values / full, -1, 1)
    smooth = np.asarray(Image.fromarray(strength.astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BILINEAR), dtype=np.float64)
    grey = np.asarray(e.instance.convert("L").resize((SIDE, SIDE), Image.Resampling.BICUBIC), dtype=np.float64)[..., None]
    ground = 255 - 0.65 * (255 - grey)  # lighter, so that colour stands out
    colour = np.where(smooth[..., None] > 0, colours.channels(colours.TOWARD), colours.channels(colours.AWAY))
    opacity = _FULL * np.abs(smooth)[..., None]
    return Shown(_source(Image.fromarray(((1 - opacity) * ground + opacity * colour).round().astype(np.uint8))), caption, alt)


def gallery(shown: Sequence[Shown], rows: int, besides: float = 0.0) -> str:
    """Figures side by side in `rows` rows on a wide screen, two beside each other on a narrow one. besides: see `steps`."""
    figures = "".join(
        f'<figure><img src="{one.source}" alt="{escape.text(one.alt)}"><figcaption>{escape.text(one.caption)}</figcaption></figure>'
        for one in shown
    )
    columns = -(-len(shown) // rows)
    look = f"--walk-columns:{columns};--walk-rows:{rows};--walk-besides:{besides:g}rem"
    return f'<div class="walk-gallery" style="{look}">{figures}</div>'


def chart(m: Material, ink: str | None = None) -> alt.LayerChart:
    """For each method how much of its colour lies on the animal: on this picture, and on average with its interval."""
    frame = pd.DataFrame(
        {
            "method": [one.title for one in m.methods],
            "here": [100 * one.mass for one in m.methods],
            "mean": [100 * one.masses.value for one in m.methods],
            "low": [100 * one.masses.low for one in m.methods],
            "high": [100 * one.masses.high for one in m.methods],
            "said": [_SAID[one.says] for one in m.methods],
            "often": [f"{one.animal} of {m.pictures}" for one in m.methods],
        }
    )
    names = [one.title for one in sorted(m.methods, key=lambda one: -one.mass)]
    y = alt.Y("method:N", sort=names, title=None, axis=alt.Axis(labelLimit=180, labelFlush=False, ticks=False, domain=False))
    most = max(*frame["here"], *frame["high"], 100 * m.area)
    scale = alt.Scale(domain=[0, min(100, 1.05 * most)], nice=True)
    x = alt.X("here:Q", title=["share of the map's colour", "that lies on the animal, %"], scale=scale, axis=alt.Axis(tickCount=5))
    looks = {ANIMAL: (colours.AWAY, "triangle-right"), NEITHER: ("#8a8f99", "circle"), BACKGROUND: (colours.TOWARD, "square")}
    used = [what for what in looks if m.saying(what)]  # a legend of marks that are not there is looked for in vain
    said = [_SAID[what] for what in used]
    shades = alt.Scale(domain=said, range=[looks[what][0] for what in used])
    shapes = alt.Scale(domain=said, range=[looks[what][1] for what in used])
    legend = alt.Legend(title=None, orient="top", direction="vertical", symbolSize=120)  # side by side they are cut on a phone
    base = alt.Chart(frame)
    here = base.mark_point(filled=True, size=130, opacity=1).encode(
        x=x, y=y, color=alt.Color("said:N", scale=shades, legend=legend), shape=alt.Shape("said:N", scale=shapes, legend=legend),
    )  # fmt: skip
    spread = base.mark_rule(strokeWidth=2, color="#8a8f99").encode(x="low:Q", x2="high:Q", y=y)
    middle = base.mark_tick(thickness=3, size=14, color="#8a8f99").encode(x="mean:Q", y=y)
    even = alt.Chart(pd.DataFrame({"area": [100 * m.area]})).mark_rule(strokeDash=[6, 4], strokeWidth=2, color="#8a8f99").encode(x="area:Q")
    return alt.layer(even, spread, middle, here).properties(height=alt.Step(24)).configure_view(stroke=None)


def table(m: Material) -> pd.DataFrame:
    """Everything that was counted, one row a method."""
    return pd.DataFrame(
        {
            "map": [one.title for one in m.methods],
            "on the animal here, %": [round(100 * one.mass, 1) for one in m.methods],
            "mean, %": [round(100 * one.masses.value, 1) for one in m.methods],
            "from": [round(100 * one.masses.low, 1) for one in m.methods],
            "to": [round(100 * one.masses.high, 1) for one in m.methods],
            f"says the animal, of {m.pictures}": [one.animal for one in m.methods],
            "neither": [one.neither for one in m.methods],
            "the background": [one.background for one in m.methods],
            f"the animal, line at {LOOSER:g} times": [one.looser for one in m.methods],
            f"the animal, line at {STRICTER:g} times": [one.stricter for one in m.methods],
        }
    )


def _source(picture: Image.Image) -> str:
    return address(picture, "JPEG", quality=85)
