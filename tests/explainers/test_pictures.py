"""Files from strangers become a small RGB picture or one sentence; a picture survives an explanation's file."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from explainers import pictures
from explainers.pictures import checked_picture, decode, encode, identity, read_picture


def noise(width: int = 40, height: int = 30, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def file_of(picture: Image.Image, form: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


class TestReading:
    @pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
    def test_the_three_forms(self, form: str):
        read = read_picture(file_of(Image.new("RGB", (60, 40), (200, 30, 30)), form))
        assert (read.mode, read.size) == ("RGB", (60, 40))
        assert np.abs(np.asarray(read, dtype=int) - (200, 30, 30)).max() <= 4  # JPEG rounds

    def test_turned_by_exif_stands_upright(self):
        picture = Image.new("RGB", (60, 40), "white")
        picture.paste("black", (0, 0, 30, 40))  # left half black
        exif = Image.Exif()
        exif[0x0112] = 6  # the camera was held on its side: turn by 90 degrees clockwise
        read = read_picture(file_of(picture, "JPEG", exif=exif))
        assert read.size == (40, 60)
        assert np.asarray(read)[:25].mean() < 20 < 200 < np.asarray(read)[35:].mean()

    def test_large_ones_are_reduced(self):
        assert read_picture(file_of(Image.new("RGB", (3000, 1500)), "JPEG")).size == (512, 256)

    def test_what_is_transparent_becomes_white(self):
        assert read_picture(file_of(Image.new("RGBA", (20, 20), (255, 0, 0, 0)))).getpixel((5, 5)) == (255, 255, 255)

    def test_grey_and_palette_pictures_are_taken(self):
        for mode in ("L", "1", "P", "I;16", "LA"):
            assert read_picture(file_of(Image.new(mode, (20, 20)))).mode == "RGB"


class TestBadFiles:
    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "not a picture that can be read"),
            (b"GIF89a" + b"\0" * 50, "not a picture that can be read"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture that can be read"),
            (file_of(noise(400, 300), "JPEG")[:3000], "damaged"),
            (file_of(noise(400, 300))[:3000], "damaged"),
            (file_of(Image.new("RGB", (8, 200))), "only 8 by 200 pixels"),
        ],
    )
    def test_one_sentence(self, data: bytes, said: str):
        with pytest.raises(ValueError, match=said) as caught:
            read_picture(data)
        assert str(caught.value).count(".") <= 1

    def test_a_file_too_heavy(self):
        with pytest.raises(ValueError, match="21 MB: choose a picture of at most 20 MB"):
            read_picture(b"\xff" * 21_000_000)

    @pytest.mark.parametrize(("side", "said"), [(10_000, "100 megapixels"), (60_000, "too large|megapixels")])
    def test_a_small_file_that_would_decode_to_very_much(self, side: int, said: str, monkeypatch):
        monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("It was decoded."))
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
        bomb = b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)
        with pytest.raises(ValueError, match=said):
            read_picture(bomb)

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_no_damage_does_more_than_raise_one_sentence(self, data):
        whole = bytearray(file_of(noise(), data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"]))))
        for _ in range(data.draw(st.integers(1, 8))):
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
        with contextlib.suppress(ValueError):  # anything else would be a traceback on the page
            assert read_picture(bytes(whole)).mode == "RGB"

    def test_an_array_is_not_a_picture(self):
        with pytest.raises(ValueError, match="reads pictures, not ndarray"):
            checked_picture(np.zeros((4, 4, 3)))


class TestFileForm:
    def test_every_pixel_comes_back(self):
        assert decode(encode(noise())).tobytes() == noise().tobytes()

    def test_identity_is_of_pixels_and_size(self):
        assert identity(noise()) == identity(decode(encode(noise())))
        assert identity(noise(40, 30)) != identity(noise(40, 30, seed=1))
        assert identity(Image.new("RGB", (40, 30))) != identity(Image.new("RGB", (30, 40)))

    @pytest.mark.parametrize("change", [{"webp": "AAAA"}, {"webp": "%%%"}, {"width": 41}, {"webp": ""}])
    def test_another_form_is_refused_in_one_sentence(self, change: dict):
        with pytest.raises(ValueError, match="the picture in it cannot be read"):
            decode({**encode(noise()), **change})

    def test_its_limits_hold_for_files_too(self, monkeypatch):
        record = encode(noise())
        monkeypatch.setattr(pictures, "MAX_PIXELS", 100)
        with pytest.raises(ValueError, match="cannot be read"):
            decode(record)
