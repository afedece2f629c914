"""Put a cut-out animal into a nature photograph: which scenes there are, where an animal can stand in them, and how it is blended in.

Used by build_animals.py only. Lengths are shares of a picture's side unless pixels are said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

SIZE = 256  # pixels, of the composed square
SCALE = (0.34, 0.47)  # square root of the animal's box, as a share of the picture's side
SEEN = 0.075  # margin that an animal keeps on each side: the models do not see the outer 16 pixels
READ = 900  # pixels: larger originals are reduced to this shorter side
FLYING = frozenset({"cuckoo", "heron_greatblue_flying", "pelican", "seagull", "tucan"})
LARGE_BIRDS = frozenset({"nandou", "ostrich", "peacock", "pink_flamingo", "crowned_crane"})
SMALL_MAMMALS = frozenset(
    {"badger", "beaver", "capybara", "marmot", "mouse", "rabbit", "rabbit-2", "rabbit_little", "rat", "sheep_lamb", "squirrel", "wombat"}
)
DIM = 75  # mean brightness of 255 below which a scene is lightened to it: animals would vanish in it
GPL, BY, BYSA, LGPL = "GPL-2.0-or-later", "CC-BY-4.0", "CC-BY-SA-4.0", "LGPL-3.0"


@dataclass(frozen=True)
class Scene:
    """A background photograph.

    box      the usable part of the original: left, top, right, bottom
    band     highest and lowest place for feet, as shares of the original's height; None where nothing could stand
    surface  "ground" (hard), "grass" (feet sink in), "water" (feet sink in, with a reflection), "" where nothing could stand
    """

    name: str
    file: str  # below usr/share of the unpacked packages
    package: str
    author: str
    licence: str
    box: tuple[float, float, float, float] = (0, 0, 1, 1)
    band: tuple[float, float] | None = None
    surface: str = ""
    closest: float = 0.6  # smallest crop, as a share of the box's shorter side
    who: str = ""  # "small": leaves and blades are seen from near, only small animals go there; "birds": only small birds


def _tux(name: str, file: str, **rest) -> Scene:
    return Scene(name, f"tuxpaint/templates/{file}.jpg", "tuxpaint-data", "Tux Paint contributors (Bill Kendrick and others)", GPL, **rest)


def _lomiri(name: str, file: str, author: str, licence: str, **rest) -> Scene:
    return Scene(name, f"backgrounds/{file}.jpg", "lomiri-wallpapers-16.04", author, licence, **rest)


def _mate(name: str, author: str, **rest) -> Scene:
    return Scene(name.lower(), f"backgrounds/mate/nature/{name}.jpg", "mate-backgrounds", author, GPL, **rest)


def _plasma(name: str, file: str, author: str, **rest) -> Scene:
    return Scene(name, f"wallpapers/{file}/contents/images/2560x1600.jpg", "plasma-workspace-wallpapers", author, LGPL, **rest)


RISTO, AITZOL, DUNE = "Risto Saukonpää", "Aitzol Berasategi", "Marco Cogoni, Hylke Bons"
# Before sea or sky. Scenes of the two parts of the data never share an original.
OPEN = {
    "train": (
        _lomiri("sands", "Bridge_by_Sander_Klootwijk", "Sander Klootwijk", BYSA, box=(0, 0.3, 1, 1), band=(0.87, 0.95), surface="ground"),
        _plasma("lake", "summer_1am", RISTO, box=(0, 0.1, 1, 1), band=(0.67, 0.84), surface="water"),
        _lomiri("sunset", "sunset_by_Aitzol_Berasategi", AITZOL, BY, box=(0.05, 0, 0.8, 0.66), band=(0.54, 0.62), surface="ground"),
        _tux("waves", "ocean_waves", band=(0.75, 0.92), surface="water", who="birds"),
        _tux("clouds", "sun_behind_clouds"),
        _plasma("bluesky", "Kite", RISTO, box=(0, 0, 0.62, 1), closest=0.5),
    ),
    "test": (
        _mate("Storm", "Sergey Nazarov", box=(0, 0, 1, 0.8), band=(0.635, 0.68), surface="grass"),
        _plasma("evening", "EveningGlow", "Ian Hex", box=(0, 0, 1, 0.5), band=(0.4, 0.46), surface="water", closest=0.85),
        _plasma("fog", "DarkestHour", RISTO, box=(0, 0.1, 1, 1), band=(0.64, 0.85), surface="water"),
        _plasma("bay", "BytheWater", "Maciej Wiklo", box=(0, 0, 0.7, 0.46), band=(0.36, 0.42), surface="water", closest=0.9),
        _tux("splash", "ocean_splash"),
        _tux("cliff", "cliff", box=(0, 0, 1, 0.45), closest=0.8),
    ),
}
# Before forest or grass.
LAND = {
    "train": (
        _plasma("forest", "Path", RISTO, box=(0, 0.05, 1, 1), band=(0.66, 0.95), surface="grass"),
        _lomiri("slope", "picosdeeuropa_by_Aitzol_Berasategi", AITZOL, BY, box=(0, 0.4, 1, 1), band=(0.68, 0.95), surface="grass"),
        _mate("GreenMeadow", "Timothy Schellhase, Lapo Calamandrei", band=(0.5, 0.95), surface="grass", who="small"),
        _tux("log", "mossy_log", band=(0.8, 0.95), surface="grass", who="small"),
        _tux("corn", "corn_maze", band=(0.75, 0.95), surface="grass"),
        _plasma("moss", "OneStandsOut", RISTO, band=(0.4, 0.95), surface="grass", who="small"),
        _lomiri(
            "meadow",
            "seeding_by_Clements_Engelhardt",
            "Clemens Engelhardt",
            "CC0-1.0",
            box=(0, 0.42, 0.62, 1),
            band=(0.8, 0.97),
            surface="grass",
            who="small",
        ),
    ),
    "test": (
        _lomiri("pasture", "aitzgorri_by_Aitzol_Berasategi", AITZOL, BY, box=(0, 0.3, 1, 1), band=(0.68, 0.95), surface="grass"),
        _lomiri("stream", "life_by_Aitzol_Berasategi", AITZOL, BY, band=(0.74, 0.95), surface="ground"),
        _plasma("autumn", "FallenLeaf", "Martin Klapetek", band=(0.7, 0.95), surface="grass", who="small"),
        Scene("dune", "backgrounds/mate/nature/Dune.jpg", "mate-backgrounds", DUNE, GPL, (0.1, 0.45, 1, 1), (0.8, 0.97), "grass", 0.75),
        _tux("canopy", "sun_behind_leaves"),
    ),
}


@dataclass(frozen=True)
class Place:
    """Where an animal goes, the same on every background: so that only the background differs between two pictures."""

    animal: Path
    mirrored: bool
    side: float  # square root of the animal's box
    x: float  # middle of the animal
    feet: float  # its lowest point
    flies: bool
    bird: bool
    small: bool


@cache
def _photo(path: Path, box: tuple[float, float, float, float]) -> Image.Image:
    """The usable part of an original, reduced: RGB."""
    image = Image.open(path)
    image.draft("RGB", (2 * READ, 2 * READ))
    image = image.convert("RGB")
    w, h = image.size
    image = image.crop((int(box[0] * w), int(box[1] * h), int(box[2] * w), int(box[3] * h)))
    if min(image.size) > READ:
        k = READ / min(image.size)
        image = image.resize((round(image.width * k), round(image.height * k)), Image.Resampling.LANCZOS)
    mean = np.asarray(image.convert("L"), float).mean()
    if mean < DIM:
        power = np.log(DIM / 255) / np.log(mean / 255)
        image = image.point([round(255 * (v / 255) ** power) for v in range(256)] * 3)
    return image


def fits(scene: Scene, place: Place) -> bool:
    """A flying animal goes before anything, one that stands only where there is something to stand on, at about its own scale."""
    if place.flies:
        return True
    return scene.band is not None and (scene.who != "small" or place.small) and (scene.who != "birds" or (place.bird and place.small))


def choose(rng: np.random.Generator, scenes: Sequence[Scene], place: Place) -> Scene:
    """A scene that fits. Flying animals mostly get those in which nothing else could be."""
    fitting = [s for s in scenes if fits(s, place)]
    weight = np.array([3.0 if place.flies and s.band is None else 1.0 for s in fitting])
    return fitting[int(rng.choice(len(fitting), p=weight / weight.sum()))]


def place_animal(rng: np.random.Generator, animal: Path) -> Place:
    """A random place: standing animals low in the picture, flying ones in the middle. The animal's folder names its class."""
    flies, bird = animal.stem in FLYING, animal.parent.name == "bird"
    return Place(
        animal,
        bool(rng.random() < 0.5),
        float(rng.uniform(*SCALE)),
        float(rng.uniform(0.3, 0.7)),
        float(rng.uniform(0.55, 0.75) if flies else rng.uniform(0.78, 0.9)),
        flies,
        bird,
        animal.stem not in LARGE_BIRDS if bird else animal.stem in SMALL_MAMMALS,
    )


def background(rng: np.random.Generator, scene: Scene, place: Place, root: Path) -> Image.Image:
    """A square crop of the scene, RGB SIZE x SIZE, in which the animal's feet meet the ground."""
    image = _photo(root / scene.file, scene.box)
    w, h = image.size
    side = int(min(w, h) * rng.uniform(scene.closest, 1))
    top = float(rng.integers(0, h - side + 1))
    if scene.band is not None and not place.flies:
        low, high = ((edge - scene.box[1]) / (scene.box[3] - scene.box[1]) * h for edge in scene.band)
        feet = rng.uniform(low, high)
        side = int(min(side, (h - feet) / max(1 - place.feet, 1e-6), feet / place.feet))
        top = feet - place.feet * side
    left, top = int(rng.integers(0, w - side + 1)), int(np.clip(top, 0, h - side))
    out = image.crop((left, top, left + side, top + side)).resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    return out.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else out


def cut_out(place: Place) -> tuple[np.ndarray, np.ndarray, int, int]:
    """(colours float (h, w, 3) of 0..255, alpha float (h, w) of 0..1, left, top): the animal in its final size and place, in pixels."""
    image = Image.open(place.animal).convert("RGBA")
    image = image.crop(image.getchannel("A").point(lambda v: 255 * (v > 40)).getbbox())
    if place.mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    k = place.side * SIZE / np.sqrt(image.width * image.height)
    k = min(k, 0.66 * SIZE / image.height, 0.72 * SIZE / image.width)
    size = (max(1, round(image.width * k)), max(1, round(image.height * k)))
    # Colours are spread outwards under the soft edge first, so that no pale or dark fringe of the original shows.
    solid = np.asarray(image, dtype=float)
    weight = Image.fromarray(solid[..., 3].astype(np.uint8)).filter(ImageFilter.GaussianBlur(2))
    spread = [Image.fromarray((solid[..., c] * solid[..., 3] / 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(2)) for c in range(3)]
    smooth = np.stack([np.asarray(c, float) for c in spread], -1) / np.maximum(np.asarray(weight, float) / 255, 0.02)[..., None]
    colours = np.where(solid[..., 3:] > 200, solid[..., :3], np.clip(smooth, 0, 255)).astype(np.uint8)
    rgb = np.asarray(Image.fromarray(colours).resize(size, Image.Resampling.LANCZOS), float)
    alpha = image.getchannel("A").resize(size, Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.7))
    alpha = np.clip((np.asarray(alpha, float) - 70) / 170, 0, 1)
    left = int(np.clip(place.x * SIZE - size[0] / 2, SEEN * SIZE, max(SEEN * SIZE, (1 - SEEN) * SIZE - size[0])))
    top = int(np.clip(place.feet * SIZE - size[1], SEEN * SIZE, SIZE - size[1]))
    return rgb, alpha, left, top


def _pasted(patch: np.ndarray, left: int, top: int) -> np.ndarray:
    """A patch float (h, w) on an empty picture float (SIZE, SIZE); what lies outside is cut off."""
    out = np.zeros((SIZE, SIZE))
    h, w = min(patch.shape[0], SIZE - top), min(patch.shape[1], SIZE - left)
    out[top : top + h, left : left + w] = patch[:h, :w]
    return out


def _blurred(patch: np.ndarray, radius: float) -> np.ndarray:
    """A blurred float array of 0..1."""
    image = Image.fromarray((255 * np.clip(patch, 0, 1)).astype(np.uint8)).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(image, float) / 255


def _sunk(rng: np.random.Generator, alpha: np.ndarray, surface: str) -> np.ndarray:
    """Alpha whose lowest rows are hidden by grass (a ragged edge) or water (a smooth one)."""
    h, w = alpha.shape
    if surface == "grass":
        # The feet of each leg end at a different blade: noise from column to column, smoothed over three.
        ragged = np.convolve(rng.uniform(0, 0.07 * h + 2, w + 2), np.ones(3) / 3, "valid")
        edge, soft = h - 1 - ragged, 2.0
    else:
        edge, soft = np.full(w, h * 0.95 - 1), 1.5
    return alpha * np.clip((edge[None, :] - np.arange(h)[:, None]) / soft + 0.5, 0, 1)


def _lit(rgb: np.ndarray, alpha: np.ndarray, around: np.ndarray) -> np.ndarray:
    """The animal's colours, a little darker or lighter and a little tinted, after the part of the scene around it."""
    weight = alpha[..., None] / max(alpha.sum(), 1)
    own, scene = (rgb * weight).sum((0, 1)), around.mean((0, 1))
    gain = np.clip((scene.mean() / max(own.mean(), 1)) ** 0.3, 0.72, 1.2)
    tint = (scene / max(scene.mean(), 1)) ** 0.15
    return np.clip(rgb * gain * tint, 0, 255)


def compose(rng: np.random.Generator, place: Place, scene: Scene, root: Path) -> tuple[Image.Image, Image.Image]:
    """(picture RGB, mask L of 0..255 with the alpha that the animal was blended with), both SIZE x SIZE."""
    base = np.asarray(background(rng, scene, place, root), float)
    rgb, alpha, left, top = cut_out(place)
    h, w = alpha.shape
    stands = not place.flies and scene.band is not None
    if stands and scene.surface in ("grass", "water"):
        alpha = _sunk(rng, alpha, scene.surface)
    rgb = _lit(rgb, alpha, base[top : top + h, left : left + w])
    if stands and scene.surface == "water":
        mirrored = _pasted(alpha[::-1][int(h * 0.05) :], left, top + h - int(h * 0.06))
        depth = np.clip(1 - (np.arange(SIZE) - top - h) / (0.6 * h), 0, 1)[:, None]
        shade = 0.32 * _blurred(mirrored, 2.2) * depth
        base = base * (1 - shade[..., None]) + shade[..., None] * rgb[alpha > 0.5].mean(0)
    elif stands:
        squashed = Image.fromarray((255 * alpha).astype(np.uint8)).resize((w, max(3, int(0.14 * h))))
        patch = _pasted(np.asarray(squashed, float) / 255, left, min(SIZE - 1, top + h - int(0.1 * h)))
        shade = 0.55 * _blurred(patch, 2.5) if scene.surface == "ground" else 0.4 * _blurred(patch, 3.5)
        base = base * (1 - shade[..., None])
    mask = _pasted(alpha, left, top)
    picture = base.copy()
    blend = alpha[..., None]
    picture[top : top + h, left : left + w] = blend * rgb + (1 - blend) * picture[top : top + h, left : left + w]
    return Image.fromarray(np.round(picture).astype(np.uint8)), Image.fromarray(np.round(255 * mask).astype(np.uint8))
