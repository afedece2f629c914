"""Sets of pictures composed from cut-outs and photographs, so that only what a case names differs between A and B.

Both sets show the same cut-outs, each as often, in places drawn in the same way before photographs drawn in the same way; a `Side` says
where the sets part. Lengths are shares of a picture's side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

DATA = Path(__file__).resolve().parents[2] / "sample_data" / "differences"
SIZE = 224  # pixels
FILLED = 0.75  # square root of the share of its box that a usual cut-out fills

CATTLE = "bison bull cow cow_white yak zebu"
GROUPS: dict[str, str] = {  # names of cut-outs where a group is not a folder
    "penguin": "little-penguin magellanic_penguin penguin",
    "water_bird": "drake duck gander pelican seagull silver-gull heron_greatblue pink_flamingo",
    "land_bird": "adelaide-rosella blackbird chicken_profile crow guineafowl hen lark magpie owl peacock pigeon quetzal "
    "rainbow-lorikeet rooster tucan turkey vulture",
    "big_cat": "lion lion-2 tiger tiger_sumatran",
    "cattle": CATTLE,
    "guitar": "guitar2 guitar_classical guitar_electric guitar_electric_bass",
    "other_instrument": "trumpet cymbal_crash drum_tomtom_floor drumkit bassoon",
    "car": "beetle sedan sportscar2 indycar",
    "other_vehicle": "truck dumper firetruck garbagetruck green_korean_bus pink_tricycle",
    "citrus": "lemon mandarine orange orange_seville sliced_lime sliced_orange",
    "apple": "apple_fuji apple_granny_smith apple_green apple_red apple_sierra_beauty",
    "red": "apple_red Cherry_Stella Strawberry2 strawberry tomato raspberry pomegranate redlettuce rose red-gazania chemparathi",
    "green": "apple_green apple_granny_smith avocado sliced_lime broccoli lettuce pepper pear cherimoya",
    "yellow": "lemon banana mango corn yellowpepper pattypan_squash daffodil yellow-flower marigold",
}
SCENES: dict[str, str] = {
    "sea": "ocean_splash ocean_waves",
    "sky": "sun_behind_clouds Bridge_by_Sander_Klootwijk Storm",
    "forest": "life_by_Aitzol_Berasategi mossy_log redwoods_above trees_above sun_behind_leaves",
    "grass": "GreenMeadow aitzgorri_by_Aitzol_Berasategi sheep Dune",
    "rock": "rocks mudstone",
    "bark": "mossy_bark burnt_bark",
    "leaves": "Blinds RainDrops",
    "flowers": "FreshFlower Garden TwoWings YellowFlower",
}
SCENES["any"] = " ".join(SCENES[name] for name in ("sea", "sky", "forest", "grass", "rock", "leaves"))
# The part of a photograph that shows what its scene is called: left, top, right, bottom. The others are used whole.
BOXES = {
    "Bridge_by_Sander_Klootwijk": (0, 0, 1, 0.62),
    "Storm": (0, 0, 1, 0.62),
    "aitzgorri_by_Aitzol_Berasategi": (0, 0.6, 1, 1),
    "sheep": (0, 0.66, 1, 1),
}


@dataclass(frozen=True)
class Side:
    """How the pictures of one set are made. x, y: range of the object's middle; size: square root of its box, for a cut-out that
    fills it as usual; count: how many copies, at least and at most; beside: group of a second thing; style: a key of STYLES."""

    things: str = "animal"
    scenes: str = "any"
    x: tuple[float, float] = (0.35, 0.65)
    y: tuple[float, float] = (0.42, 0.62)
    size: tuple[float, float] = (0.4, 0.55)
    count: tuple[int, int] = (1, 1)
    beside: str = ""
    style: str = ""


@cache
def pool(things: str) -> tuple[Path, ...]:
    """Cut-outs of a group, a folder, or several of them ("bird mammal")."""
    if things == "animal":
        things = "bird mammal fish insect"
    out: list[Path] = []
    for name in things.split():
        if name in GROUPS:
            out += [next((DATA / "cutouts").glob(f"*/{stem}.webp")) for stem in GROUPS[name].split()]
        else:
            out += sorted((DATA / "cutouts" / name).glob("*.webp"))
    return tuple(out)


def picture_sets(a: Side, b: Side, n: int, rng: np.random.Generator) -> tuple[list[Image.Image], list[Image.Image]]:
    """`n` pictures for each side. Where both show the same group they show the same cut-outs, each as often, in another order."""
    shown_a = _drawn(pool(a.things), n, rng)
    shown_b = [shown_a[i] for i in rng.permutation(n)] if b.things == a.things else _drawn(pool(b.things), n, rng)
    return [composed(a, path, rng) for path in shown_a], [composed(b, path, rng) for path in shown_b]


def composed(side: Side, cut_out: Path, rng: np.random.Generator) -> Image.Image:
    """One picture, RGB, SIZE x SIZE."""
    canvas = _ground(str(rng.choice(SCENES[side.scenes].split())), rng)
    count = int(rng.integers(side.count[0], side.count[1] + 1))
    size = rng.uniform(*side.size)
    if side.beside:
        other = _drawn(pool(side.beside), 1, rng)[0]
        left = rng.random() < 0.5
        for path, first in ((cut_out, True), (other, False)):
            _paste(canvas, path, 0.28 if left == first else 0.72, rng.uniform(*side.y), size * 0.85, rng)
    elif count == 1:
        _paste(canvas, cut_out, rng.uniform(*side.x), rng.uniform(*side.y), size, rng)
    else:
        cells = rng.permutation(9)[:count]
        for cell in cells:
            shift = rng.uniform(-0.04, 0.04, 2)
            _paste(canvas, cut_out, 0.2 + 0.3 * (cell % 3) + shift[0], 0.22 + 0.28 * (cell // 3) + shift[1], size, rng)
    return STYLES[side.style](canvas, rng) if side.style else canvas


def _drawn(paths: tuple[Path, ...], n: int, rng: np.random.Generator) -> list[Path]:
    """All of them about equally often."""
    rounds = [paths[i] for _ in range(-(-n // len(paths))) for i in rng.permutation(len(paths))]
    return rounds[:n]


@cache
def _photo(name: str) -> Image.Image:
    image = Image.open(DATA / "photos" / f"{name}.jpg").convert("RGB")
    left, top, right, bottom = BOXES.get(name, (0, 0, 1, 1))
    return image.crop((int(left * image.width), int(top * image.height), int(right * image.width), int(bottom * image.height)))


def _ground(name: str, rng: np.random.Generator) -> Image.Image:
    """A random square of a photograph, perhaps mirrored."""
    photo = _photo(name)
    side = int(min(photo.size) * rng.uniform(0.75, 1))
    left, top = (int(rng.integers(0, edge - side + 1)) for edge in photo.size)
    out = photo.crop((left, top, left + side, top + side)).resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    return ImageOps.mirror(out) if rng.random() < 0.5 else out


@cache
def _cut_out(path: Path) -> Image.Image:
    return Image.open(path).convert("RGBA")


def _paste(canvas: Image.Image, path: Path, x: float, y: float, size: float, rng: np.random.Generator) -> None:
    """Put a cut-out into a picture: soft edge, a little of the ground's colour, kept inside as far as it fits."""
    thing = _cut_out(path)
    if rng.random() < 0.5:
        thing = ImageOps.mirror(thing)
    opaque = (
        np.asarray(thing.getchannel("A"), float).mean() / 255 * thing.width * thing.height
    )  # thin tools are not to look smaller than round fruits
    k = min(FILLED * size * SIZE / np.sqrt(opaque), 0.94 * SIZE / max(thing.size))
    thing = thing.resize((max(2, round(thing.width * k)), max(2, round(thing.height * k))), Image.Resampling.LANCZOS)
    left = int(np.clip(x * SIZE - thing.width / 2, 2, SIZE - thing.width - 2))
    top = int(np.clip(y * SIZE - thing.height / 2, 2, SIZE - thing.height - 2))
    alpha = (
        thing.getchannel("A").filter(ImageFilter.GaussianBlur(0.7)).point([int(np.clip((v - 60) / 180, 0, 1) * 255) for v in range(256)])
    )
    tone = canvas.crop((left, top, left + thing.width, top + thing.height)).resize((1, 1), Image.Resampling.BOX).resize(thing.size)
    canvas.paste(Image.blend(thing.convert("RGB"), tone, 0.08), (left, top), alpha)


def _tinted(*rgb: int) -> Callable[[Image.Image, np.random.Generator], Image.Image]:
    return lambda image, rng: Image.blend(image, Image.new("RGB", image.size, rgb), rng.uniform(0.22, 0.38))


def _sketch(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Grey divided by its blurred self: lines on white."""
    grey = np.asarray(image.convert("L"), float)
    soft = np.asarray(image.convert("L").filter(ImageFilter.GaussianBlur(rng.uniform(2, 4))), float)
    return Image.fromarray(np.clip(255 * ((grey + 1) / (soft + 1)) ** 2.2, 0, 255).astype(np.uint8)).convert("RGB")


def _noisy(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    noise = rng.normal(0, rng.uniform(18, 34), (SIZE, SIZE, 3))
    return Image.fromarray(np.clip(np.asarray(image, float) + noise, 0, 255).astype(np.uint8))


def _framed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    width = int(rng.integers(9, 17))
    colour = tuple(int(v) for v in rng.choice([[0, 0, 0], [255, 255, 255], [120, 72, 30], [60, 60, 60]]))
    return ImageOps.expand(image.resize((SIZE - 2 * width,) * 2, Image.Resampling.LANCZOS), width, colour)


def _sepia(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return ImageOps.colorize(image.convert("L"), (40, 24, 10), (255, 240, 200), (160, 120, 75))


def _pixelated(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    side = int(rng.integers(28, 45))
    return image.resize((side, side), Image.Resampling.BOX).resize(image.size, Image.Resampling.NEAREST)


def _posterised(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    for _ in range(2):
        image = image.filter(ImageFilter.ModeFilter(5))
    return ImageOps.posterize(image, int(rng.integers(2, 4)))


def _foggy(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return Image.blend(image, Image.new("RGB", image.size, (205, 208, 212)), rng.uniform(0.5, 0.68))


def _vignette(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    line = np.linspace(-1, 1, SIZE)
    radius = np.hypot(line[None], line[:, None])
    weight = np.clip(1.25 - rng.uniform(0.75, 0.95) * radius**2, 0, 1)[..., None]
    return Image.fromarray((np.asarray(image, float) * weight).astype(np.uint8))


def _warm(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    factors = np.array([1.15, 0.92, 0.6]) + rng.uniform(-0.05, 0.05, 3)
    return Image.fromarray(np.clip(np.asarray(image, float) * factors + [18, 6, 0], 0, 255).astype(np.uint8))


def _power(low: float, high: float) -> Callable[[Image.Image, np.random.Generator], Image.Image]:
    def changed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
        power = rng.uniform(low, high)
        return image.point([round(255 * (v / 255) ** power) for v in range(256)] * 3)

    return changed


STYLES: dict[str, Callable[[Image.Image, np.random.Generator], Image.Image]] = {
    "red": _tinted(210, 30, 30),
    "green": _tinted(40, 180, 50),
    "blue": _tinted(40, 70, 215),
    "yellow": _tinted(235, 215, 40),
    "purple": _tinted(140, 40, 180),
    "sketch": _sketch,
    "blur": lambda image, rng: image.filter(ImageFilter.GaussianBlur(rng.uniform(1.6, 3.2))),
    "noise": _noisy,
    "grey": lambda image, rng: ImageOps.grayscale(image).convert("RGB"),
    "frame": _framed,
    "sepia": _sepia,
    "pixelated": _pixelated,
    "posterised": _posterised,
    "dark": _power(2.2, 3.0),
    "bright": _power(0.35, 0.5),
    "fog": _foggy,
    "contrast": lambda image, rng: ImageEnhance.Contrast(image).enhance(rng.uniform(1.7, 2.3)),
    "vivid": lambda image, rng: ImageEnhance.Color(image).enhance(rng.uniform(1.9, 2.6)),
    "muted": lambda image, rng: ImageEnhance.Color(image).enhance(rng.uniform(0.25, 0.45)),
    "vignette": _vignette,
    "warm": _warm,
}
