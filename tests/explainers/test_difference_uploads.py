"""Sets from a stranger's files: what is fine is read, what is not gets one sentence, and a zip can do no harm."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from explainers.differences import uploads
from explainers.differences.uploads import LINES, PICTURES, ROWS, Upload, read


def png(colour: str = "red", size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def packed(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def test_pictures_come_from_files_and_from_a_zip_wherever_its_paths_point():
    inside = packed({"../../etc/a.png": png(), "sub/b.PNG": png("blue", (900, 500)), "readme.txt": b"x", "__MACOSX/._a.png": b"no"})
    found = read(PICTURES, [Upload("one.png", png()), Upload("more.zip", inside)], "A")
    assert [p.size for p in found] == [(40, 30), (40, 30), (320, 178)]


def test_texts_are_lines_or_a_column_and_rows_are_a_table():
    assert read(LINES, [Upload("a.txt", "\ufeffone\n\n two\r\n".encode())], "A") == ["one", " two"]
    table = Upload("a.csv", b"what,n\nham,1\n,2\negg,3\n")
    assert read(LINES, [table], "A", "what") == ["ham", "egg"]
    assert uploads.columns(table) == ["what", "n"]
    assert read(ROWS, [Upload("a.csv", b"what,n\nham,1\n")], "A") == [{"what": "ham", "n": 1}]


@pytest.mark.parametrize(
    ("modality", "files", "said"),
    [
        (PICTURES, [], "Set A has no file yet"),
        (PICTURES, [Upload("x/y/broken.png", b"\x89PNG no")], "“broken.png” in set A cannot be used"),
        (PICTURES, [Upload("a.zip", b"PK no")], "no zip file that can be read"),
        (PICTURES, [Upload("a.zip", packed({"a.txt": b"x"}))], "There is no picture in set A"),
        (PICTURES, [Upload("a.zip", packed({"a.png": png()[:60]}))], "“a.png” in set A cannot be used"),
        (LINES, [Upload("a.txt", b"\xff\xfe\x00")], "not text in UTF-8"),
        (LINES, [Upload("a.csv", b"a,b\n1,2\n")], "choose the one that holds the texts"),
        (ROWS, [Upload("a.csv", b"")], "no CSV file that can be read"),
        (ROWS, [Upload("a.csv", b"a\n1"), Upload("b.csv", b"a\n1")], "Set A has 2 files: give one"),
    ],
)
def test_bad_files_get_one_sentence(modality, files, said):
    with pytest.raises(ValueError, match=said):
        read(modality, files, "A")


def test_a_zip_may_hold_only_so_many_pictures_and_unpack_to_only_so_much(monkeypatch):
    with pytest.raises(ValueError, match="holds 301 pictures: give at most 300"):
        read(PICTURES, [Upload("a.zip", packed({f"{i}.png": b"" for i in range(301)}))], "A")
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 1_000)
    with pytest.raises(ValueError, match="unpacks to too much"):
        read(PICTURES, [Upload("a.zip", packed({"a.png": b"\0" * 5_000}))], "A")


class TestPairs:
    def test_pictures_of_the_same_name_belong_together_whatever_their_order(self):
        colours = {"cat.png": "red", "dog.png": "green", "owl.png": "blue"}
        a = [Upload(f"before/{name}", png(colour)) for name, colour in colours.items()]
        b = [Upload("after.zip", packed({f"x/{name}": png(colour, (20, 20)) for name, colour in reversed(colours.items())}))]
        for one, other in zip(*uploads.read_pairs(PICTURES, a, b), strict=True):
            assert one.getpixel((0, 0)) == other.getpixel((0, 0))

    def test_other_names_go_by_order_and_a_missing_partner_is_named(self):
        red, blue = Upload("r.png", png("red")), Upload("b.png", png("blue"))
        a, b = uploads.read_pairs(PICTURES, [red], [blue])
        assert (a[0].getpixel((0, 0)), b[0].getpixel((0, 0))) == ((255, 0, 0), (0, 0, 255))
        with pytest.raises(ValueError, match="“b” of set A has no partner of that name in set B"):
            uploads.read_pairs(PICTURES, [red, blue, Upload("c.png", png())], [red, Upload("c.png", png())])

    def test_an_empty_line_leaves_out_its_pair_and_shifts_nothing(self):
        a, b = Upload("a.txt", b"one\n\nthree\n"), Upload("b.txt", b"1\n2\n3\n\n")
        assert uploads.read_pairs(LINES, [a], [b]) == (["one", "three"], ["1", "3"])
        table = Upload("t.csv", b"x,y\none,1\n,2\nthree,3\n")
        assert uploads.read_pairs(LINES, [table], [table], ("x", "y")) == (["one", "three"], ["1", "3"])

    def test_unequal_numbers_say_what_to_do(self):
        with pytest.raises(ValueError, match="A has 2 and B 1: give both the same number in the same order, or turn pairs off"):
            uploads.read_pairs(LINES, [Upload("a.txt", b"x\ny")], [Upload("b.txt", b"z")])


def test_a_broken_picture_among_good_ones_is_left_out_and_named():
    files = [Upload("a.png", png()), Upload("b.png", b"no picture"), Upload("c.png", png())]
    left_out: list[str] = []
    assert len(uploads.read(uploads.PICTURES, files, "A", left_out=left_out)) == 2
    assert len(left_out) == 1
    assert "“b.png” in set A cannot be used" in left_out[0]
    with pytest.raises(ValueError, match="“b\\.png”"):
        uploads.read(uploads.PICTURES, files, "A")
    with pytest.raises(ValueError, match="“b\\.png”"):
        uploads.read(uploads.PICTURES, files[1:2], "A", left_out=[])


@pytest.mark.parametrize(
    ("csv", "column"),
    [
        ("id,text,n\n1,short,4\n2,words,5\n", "text"),
        ("id,what was said,n\n1,a long sentence about things,4\n", "what was said"),
        ("id\n1\n", "id"),
        ("id,note\n", "id"),
    ],
)
def test_the_column_with_the_texts_is_chosen_before_a_person_does(csv, column):
    assert uploads.text_column(Upload("a.csv", csv.encode())) == column
