"""One defect each: how it is planted, what the files must be afterwards, and the lines of the diff."""

from __future__ import annotations

import io
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from mending import ROWS, Files, picture
from PIL import Image

from hubaction.repair.gps_fixes import without_gps

A, B = "labels/train/a.txt", "labels/train/b.txt"
PHOTO = "images/train/a.jpg"
YAML = "data.yaml"


@dataclass(frozen=True)
class Case:
    """``files`` are put into the sound set; ``after`` is what differs from the sound set when it is mended."""

    id: str
    rule: str
    task: str
    files: dict[str, bytes | None]
    after: dict[str, bytes | None]
    diff: list[str]
    unsafe: bool = False
    edits: int = 1

    def planted(self, files: Files) -> Files:
        return _put(files, self.files)

    def mended(self, files: Files) -> Files:
        return _put(files, self.after)


def _put(files: Files, changes: dict[str, bytes | None]) -> Files:
    whole: dict[str, bytes | None] = {**files, **changes}
    return {path: data for path, data in whole.items() if data is not None}


def label(id: str, rule: str, task: str, old: bytes, new: bytes, diff: list[str], **options) -> Case:
    return Case(id, rule, task, {A: old}, {A: new}, diff, **options)


def data(id: str, rule: str, old: bytes, new: bytes, diff: list[str], task: str = "detect", **options) -> Case:
    return Case(id, rule, task, {YAML: old}, {YAML: new}, diff, **options)


def with_gps(format: str = "JPEG", order: str = "<") -> bytes:
    """A picture with orientation 6, a maker's name, an Exif and a GPS directory."""
    exif = Image.Exif()
    exif.endian = order
    exif[271], exif[274] = "A maker of cameras", 6
    exif.get_ifd(0x8769)[36867] = "2020:01:02 03:04:05"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 12.5), 3: "E", 4: (7.0, 27.0, 1.25)})
    plain = Image.open(io.BytesIO(picture(7)))
    out = io.BytesIO()
    plain.save(out, format, exif=exif.tobytes())
    return out.getvalue()


def without_end(progressive: bool = False) -> bytes:
    return picture(3, progressive=progressive)[:-2]


def exif_segment(data: bytes) -> tuple[int, int]:
    at = data.index(b"Exif\0\0")
    return at, at - 2 + struct.unpack_from(">H", data, at - 2)[0]


Y = b"# a set\ntrain: images/train\nval: images/val\nnames:\n  0: cat\n  1: 'dog'\n"
D, S, Q, P = (ROWS[task] for task in ("detect", "segment", "obb", "pose"))
JPEG, OTHER, SCANS = picture(0), picture(9), picture(3, progressive=True)
LIST = b"./images/train/a.jpg\n./images/train/b.jpg\n"
NFD = unicodedata.normalize("NFD", "\u00e4")

CASES = [
    Case("mac-folder", "A107", "detect", {"__MACOSX/._a.jpg": b"x", "__MACOSX/b/.DS_Store": b"x"}, {},
         ["deleted: __MACOSX/._a.jpg", "deleted: __MACOSX/b/.DS_Store"], edits=2),
    Case("junk", "A107", "segment", {"images/train/._a.jpg": b"\0\5\x16\7", "images/Thumbs.db": b"x",
                                     "desktop.ini": b"x", ".DS_Store": b"x"}, {},
         ["deleted: .DS_Store", "deleted: desktop.ini", "deleted: images/Thumbs.db", "deleted: images/train/._a.jpg"],
         edits=4),
    Case("notebook", "A107", "classify", {"train/.ipynb_checkpoints/a.jpg": OTHER}, {},
         ["deleted: train/.ipynb_checkpoints/a.jpg"]),
    Case("cache", "A110", "detect", {"labels/train.cache": b"junk", "old.cache": b"\x80\x04N."}, {},
         ["deleted: labels/train.cache", "deleted: old.cache"], edits=2),
    data("bom", "Y201", b"\xef\xbb\xbf" + Y, Y, ["-\\ufeff# a set", "+# a set"]),
    data("tabs", "Y201", b"train: images/train\nval: images/val\nnames:\n\t0: cat # a\tb\n\t1: dog\n",
         b"train: images/train\nval: images/val\nnames:\n  0: cat # a\tb\n  1: dog\n",
         ["-\\t0: cat # a\\tb", "-\\t1: dog", "+  0: cat # a\\tb", "+  1: dog"], edits=2),
    data("validation", "Y202", Y.replace(b"val:", b"\"validation\"  :"), Y.replace(b"val:", b"\"val\"  :"),
         ["-\"validation\"  : images/val", "+\"val\"  : images/val"]),
    data("path-dot", "Y204", b"path: ./  # here\n" + Y, Y, ["-path: ./  # here"]),
    data("path-name", "Y204", Y.replace(b"val:", b"path: ../datasets/set\nval:"), Y, ["-path: ../datasets/set"]),
    data("nc", "Y206", Y + b"nc: 80  # classes\n", Y + b"nc: 2  # classes\n",
         ["-nc: 80  # classes", "+nc: 2  # classes"]),
    data("nc-text", "Y206", b"nc: '2'\r\n" + Y, b"nc: 2\r\n" + Y, ["-nc: '2'\\r", "+nc: 2\\r"]),
    data("names", "Y208", Y.replace(b"cat", b"no   # not yes").replace(b"'dog'", b"2020-01-02"),
         Y.replace(b"cat", b"'no'   # not yes").replace(b"'dog'", b"'2020-01-02'"),
         ["-  0: no   # not yes", "-  1: 2020-01-02", "+  0: 'no'   # not yes", "+  1: '2020-01-02'"]),
    data("names-list", "Y208", b"train: images/train\nval: images/val\nnames: [1.0, dog, on]\n",
         b"train: images/train\nval: images/val\nnames: ['1.0', dog, 'on']\n",
         ["-names: [1.0, dog, on]", "+names: ['1.0', dog, 'on']"]),
    label("bom", "L301", "detect", b"\xef\xbb\xbf" + D, D, ["-\\ufeff0 0.5 0.5 0.25 0.25", "+0 0.5 0.5 0.25 0.25"]),
    label("utf-16", "L301", "detect", D.decode().encode("utf-16"), D,
          [f"binary: labels/train/a.txt: {2 + 2 * len(D)} -> {len(D)} bytes, utf-16 -> utf-8"]),
    label("cr", "L301", "obb", b"\r".join([Q[:-1], b"1" + Q[1:-1], b""]), Q + b"1" + Q[1:],
          ["-0 0.1 0.1 0.4 0.1 0.4 0.3 0.1 0.3\\r1 0.1 0.1 0.4 0.1 0.4 0.3 0.1 0.3\\r",
           "+0 0.1 0.1 0.4 0.1 0.4 0.3 0.1 0.3", "+1 0.1 0.1 0.4 0.1 0.4 0.3 0.1 0.3"]),
    label("separator", "L301", "segment", S.replace(b"0.5\n", "0.5\u2028".encode()), S,
          ["-0 0.1 0.1 0.5 0.1 0.3 0.5\\u20281 0.6 0.6 0.9 0.6 0.75 0.9", "+0 0.1 0.1 0.5 0.1 0.3 0.5",
           "+1 0.6 0.6 0.9 0.6 0.75 0.9"]),
    label("blanks", "L303", "detect", D.replace(b"\n1", b"\n \t\r\n\n1"), D.replace(b"\n1", b"\n\n1"), ["- \\t\\r"]),
    label("class", "L306", "detect", D.replace(b"1 0.25 ", b" 1.0\t 0.25 "), D.replace(b"1 0.25 ", b" 1\t 0.25 "),
          ["- 1.0\\t 0.25 0.25 0.125 0.125", "+ 1\\t 0.25 0.25 0.125 0.125"]),
    label("repeat", "L307", "pose", P + b"0  0.50 0.5 0.4 0.4 0.5 0.5 2 0.6 0.6 1\n", P,
          ["-0  0.50 0.5 0.4 0.4 0.5 0.5 2 0.6 0.6 1"]),
    label("repeat-last", "L307", "segment", S + S.splitlines()[1], S, ["-1 0.6 0.6 0.9 0.6 0.75 0.9"]),
    label("centre", "G402", "detect", b"0 -0.005 0.5 0.001 0.25\n" + D,
          b"0 0.000000 0.5 0.001 0.25\n" + D, ["-0 -0.005 0.5 0.001 0.25", "+0 0.000000 0.5 0.001 0.25"]),
    label("pixel-outside", "G403", "detect", b"0 0.9 0.5 0.22 0.25\n" + D, b"0 0.895000 0.5 0.210000 0.25\n" + D,
          ["-0 0.9 0.5 0.22 0.25", "+0 0.895000 0.5 0.210000 0.25"]),
    label("pixel-outside", "S503", "segment", b"0 -0.0150 0.1 0.5 0.1 0.3 0.5000001\n",
          b"0 0.000000 0.1 0.5 0.1 0.3 0.5000001\n",
          ["-0 -0.0150 0.1 0.5 0.1 0.3 0.5000001", "+0 0.000000 0.1 0.5 0.1 0.3 0.5000001"]),
    label("vertex-again", "S505", "segment", b"0 0.1 0.1  0.5 0.1\t0.50 0.1 0.3 0.5 0.1 0.1\n",
          b"0 0.1 0.1  0.5 0.1 0.3 0.5 0.1 0.1\n",
          ["-0 0.1 0.1  0.5 0.1\\t0.50 0.1 0.3 0.5 0.1 0.1", "+0 0.1 0.1  0.5 0.1 0.3 0.5 0.1 0.1"]),
    label("hidden", "K512", "pose", P.replace(b"0.000000 0.000000 0", b"0.25 0.000000 0"),
          P.replace(b"0.000000 0.000000 0", b"0.000000 0.000000 0"),
          ["-0 0.4 0.4 0.4 0.4 0.5 0.4 2 0.25 0.000000 0", "+0 0.4 0.4 0.4 0.4 0.5 0.4 2 0.000000 0.000000 0"]),
    label("flag", "K513", "pose", P.replace(b"0.6 1\n", b"0.6 1.0\n"), P,
          ["-0 0.5 0.5 0.4 0.4 0.5 0.5 2 0.6 0.6 1.0", "+0 0.5 0.5 0.4 0.4 0.5 0.5 2 0.6 0.6 1"]),
    label("bow-tie", "O522", "obb", b"0 0.1 0.1 0.4 0.3 0.4 0.10 0.1 0.3\n", b"0 0.1 0.1 0.4 0.10 0.4 0.3 0.1 0.3\n",
          ["-0 0.1 0.1 0.4 0.3 0.4 0.10 0.1 0.3", "+0 0.1 0.1 0.4 0.10 0.4 0.3 0.1 0.3"]),
    Case("no-end", "I602", "detect", {PHOTO: without_end()}, {PHOTO: picture(3)},
         [f"binary: {PHOTO}: {len(picture(3)) - 2:,} -> {len(picture(3)):,} bytes, end marker appended"]),
    Case("no-end-progressive", "I602", "classify", {"val/cat/a.jpg": without_end(progressive=True) + b"\xff"},
         {"val/cat/a.jpg": picture(3, progressive=True)},
         [f"binary: val/cat/a.jpg: {len(SCANS) - 1:,} -> {len(SCANS):,} bytes, end marker appended"]),
    Case("trailing", "I604", "obb", {PHOTO: JPEG + b"\n\0"}, {},
         [f"binary: {PHOTO}: {len(JPEG) + 2:,} -> {len(JPEG):,} bytes, bytes after the end marker cut"]),
    Case("gps", "X951", "pose", {PHOTO: with_gps()}, {PHOTO: without_gps(with_gps(), "JPEG")},
         [f"binary: {PHOTO}: {len(with_gps()):,} -> {len(with_gps()):,} bytes, GPS directory cut from EXIF"]),
    Case("png-as-jpg", "I605", "detect", {PHOTO: picture(0, format="PNG")},
         {PHOTO: None, "images/train/a.png": picture(0, format="PNG")}, [f"renamed: {PHOTO} -> images/train/a.png"]),
    Case("webp-as-jpg", "I605", "classify", {"train/cat/a.jpg": picture(0, format="WEBP")},
         {"train/cat/a.jpg": None, "train/cat/a.webp": picture(0, format="WEBP")},
         ["renamed: train/cat/a.jpg -> train/cat/a.webp"]),
    *(Case(f"misnamed-{name}", "P703", "detect", {A: None, name: D[:20]}, {A: D[:20]}, [f"renamed: {name} -> {A}"])
      for name in ("labels/train/a.jpg.txt", "labels/train/a.TXT", "labels/train/A.txt", "labels/train/a .txt",
                   "label/train/a.txt", "Labels/train/a.txt", "labels/a.txt", "labels/train/x/a.txt")),
    Case("misnamed-accent", "P703", "detect",
         {A: None, PHOTO: None, "images/train/\u00e4.jpg": OTHER, f"labels/train/{NFD}.txt": D},
         {A: None, PHOTO: None, "images/train/\u00e4.jpg": OTHER, "labels/train/\u00e4.txt": D},
         [f"renamed: labels/train/{NFD}.txt -> labels/train/\u00e4.txt"]),
    Case("beside", "P704", "pose", {A: None, "images/train/a.txt": P}, {}, [f"renamed: images/train/a.txt -> {A}"]),
    Case("list", "P707", "detect",
         {YAML: Y.replace(b"images/train", b"train.txt"), "train.txt": LIST.replace(b"/train/b", b"\\train\\b") + LIST},
         {YAML: Y.replace(b"images/train", b"train.txt"), "train.txt": LIST},
         ["-./images\\train\\b.jpg", "-./images/train/a.jpg"], edits=3),
    label("commas", "L302", "detect", b"1,0.5, 0.5,0.25,0.25\n" + D, b"1 0.5 0.5 0.25 0.25\n" + D,
          ["-1,0.5, 0.5,0.25,0.25", "+1 0.5 0.5 0.25 0.25"], unsafe=True),
    label("decimal-commas", "L302", "segment", S.replace(b".", b","), S,
          ["-0 0,1 0,1 0,5 0,1 0,3 0,5", "-1 0,6 0,6 0,9 0,6 0,75 0,9", "+0 0.1 0.1 0.5 0.1 0.3 0.5",
           "+1 0.6 0.6 0.9 0.6 0.75 0.9"], unsafe=True, edits=2),
    label("confidence", "L303", "detect", D.replace(b"0.25 0.25\n", b"0.25 0.25 0.98 \n"),
          D.replace(b"0.25 0.25\n", b"0.25 0.25 \n"),
          ["-0 0.5 0.5 0.25 0.25 0.98 ", "+0 0.5 0.5 0.25 0.25 "], unsafe=True),
    label("no-width", "G404", "detect", D + b"0 0.1 0.1 0.0 0.1\n", D, ["-0 0.1 0.1 0.0 0.1"], unsafe=True),
    label("no-area", "G404", "obb", Q + b"0 0.1 0.1 0.2 0.2 0.3 0.3 0.2 0.2\n", Q,
          ["-0 0.1 0.1 0.2 0.2 0.3 0.3 0.2 0.2"], unsafe=True),
    label("flat", "S501", "segment", S + b"0 0.1 0.1 0.2 0.2 0.3 0.3\n", S,
          ["-0 0.1 0.1 0.2 0.2 0.3 0.3"], unsafe=True),
    Case("orphan", "P701", "detect", {"labels/train/zzz.txt": D}, {}, ["deleted: labels/train/zzz.txt"], unsafe=True),
    Case("copy", "V805", "detect", {"images/train/b.jpg": JPEG}, {"images/train/b.jpg": None, B: None},
         ["deleted: images/train/b.jpg", f"deleted: {B}"], unsafe=True, edits=2),
    Case("copy", "V805", "classify", {"train/cat/z.jpg": picture(0)}, {}, ["deleted: train/cat/z.jpg"], unsafe=True),
    label("keypoint", "K511", "pose", P.replace(b"0.6 0.6 1", b"0.6 1.0150 1"),
          P.replace(b"0.6 0.6 1", b"0.6 1.000000 1"),
          ["-0 0.5 0.5 0.4 0.4 0.5 0.5 2 0.6 1.0150 1", "+0 0.5 0.5 0.4 0.4 0.5 0.5 2 0.6 1.000000 1"], unsafe=True),
]  # fmt: skip

Make = Callable[[], bytes]
