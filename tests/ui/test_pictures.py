"""Pictures of a page need no file that a later run takes away."""

from __future__ import annotations

import base64
import io

from PIL import Image
from streamlit.testing.v1 import AppTest


def _page() -> None:
    from PIL import Image

    from ui import pictures

    pictures.show(Image.new("RGB", (800, 400), "red"), 100)


def test_a_picture_stands_in_the_page_itself_in_small():
    at = AppTest.from_function(_page).run()
    source = at.get("image")[0].value[0]
    kind, _, body = source.partition(";base64,")
    assert kind == "data:image/jpeg"
    assert Image.open(io.BytesIO(base64.b64decode(body))).size == (200, 100)
