"""Plants of family A."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable

from plants import Plant

Files = dict[str, bytes]

PICTURE = "images/train/aaapic.jpg"
CLASSIFIED = "train/cat/aaapic.jpg"


def unchanged(files: Files) -> None:
    """The defect lies in the zip alone."""


def remove(path: str) -> Callable[[Files], None]:
    return lambda files: files.pop(path) and None


def rename(path: str, new: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files[new] = files.pop(path)

    return change


def add(path: str, data: bytes = b"x") -> Callable[[Files], None]:
    return lambda files: files.update({path: data})


def rename_pair(new: str) -> Callable[[Files], None]:
    """Give an image and its label another name."""

    def change(files: Files) -> None:
        files[f"images/train/{new}.jpg"] = files.pop(PICTURE)
        files[f"labels/train/{new}.txt"] = files.pop("labels/train/aaapic.txt")

    return change


def zipped(
    files: Files,
    name: Callable[[str], str] = "set/{}".format,
    extra: Callable[[zipfile.ZipFile], None] | None = None,
    method: Callable[[str], int] = lambda path: zipfile.ZIP_STORED,
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in files.items():
            archive.writestr(name(path), data, method(path))
        if extra:
            extra(archive)
    return out.getvalue()


def with_entry(name: str, data: bytes = b"x", mode: int = 0) -> Callable[[Files], bytes]:
    def extra(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, mode << 16
        archive.writestr(info, data)

    return lambda files: zipped(files, extra=extra)


def twice(files: Files) -> bytes:
    whole = with_entry("set/README.me", b"# License\n")(files)
    return whole.replace(b"set/README.me", b"set/README.md")


def flagged(files: Files, bit: int, path: str = "set/notes.md") -> bytes:
    """Set a flag bit of one entry, in the local header and in the directory."""
    data = bytearray(with_entry(path)(files))
    name = path.encode()
    local, central = data.find(name) - 30, data.rfind(name) - 46
    data[local + 6] |= bit
    data[central + 8] |= bit
    return bytes(data)


def unmarked(files: Files) -> bytes:
    """A name in code page 437 bytes that says nothing of its encoding."""
    return with_entry("set/n_tes.md")(files).replace(b"set/n_tes.md", b"set/n\x94tes.md")


def damaged(files: Files) -> bytes:
    data = bytearray(zipped(files))
    data[data.find(b"# A set for tests")] ^= 1
    return bytes(data)


def bomb(name: str) -> Callable[[Files], bytes]:
    def extra(archive: zipfile.ZipFile) -> None:
        archive.writestr(name, bytes(11 << 20), zipfile.ZIP_DEFLATED)

    return lambda files: zipped(files, extra=extra)


def lfs(files: Files) -> None:
    for path in (PICTURE, "images/train/aabpic.jpg"):
        oid = path.encode().hex().ljust(64, "0")[:64]
        files[path] = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12345\n".encode()


PLANTS: list[Plant] = [
    Plant("none", "A101", "error", "detect", remove("data.yaml")),
    Plant("yalm", "A101", "error", "pose", rename("data.yaml", "data.yalm"), archive=True),
    Plant("only-yml", "A101", "warning", "obb", rename("data.yaml", "data.yml"), at="data.yml"),
    Plant("two", "A102", "error", "segment", add("other.yaml", b"license: MIT\n")),
    Plant("no-top", "A103", "note", "detect", unchanged, archive=True, make_zip=lambda f: zipped(f, str)),
    Plant("no-top", "A103", "note", "classify", unchanged, archive=True, make_zip=lambda f: zipped(f, str)),
    Plant("other-top", "A103", "note", "obb", unchanged, archive=True, make_zip=lambda f: zipped(f, "other/{}".format)),
    Plant(
        "deeper",
        "A103",
        "warning",
        "detect",
        unchanged,
        archive=True,
        make_zip=lambda f: zipped(f, "set/set/{}".format),
    ),
    Plant(
        "deeper",
        "A103",
        "warning",
        "classify",
        unchanged,
        archive=True,
        make_zip=lambda f: zipped(f, "set/set/{}".format),
        also=("X953", "Y203"),
        why_also="loaders look into the top folder only, for class folders and for the licence",
    ),
    Plant(
        "a-zip-in-the-zip",
        "A103",
        "error",
        "detect",
        unchanged,
        archive=True,
        make_zip=lambda f: zipped({"": zipped(f)}, lambda path: "set.zip"),
    ),
    Plant("one", "A104", "error", "segment", unchanged, archive=True, make_zip=with_entry("set/docs\\notes.md")),
    Plant("one", "A104", "error", "classify", unchanged, archive=True, make_zip=with_entry("set/docs\\notes.md")),
    Plant("dot-dot", "A105", "error", "detect", unchanged, archive=True, make_zip=with_entry("set/../../evil.txt")),
    Plant("twice", "A105", "error", "detect", unchanged, at="README.md", archive=True, make_zip=twice),
    Plant(
        "link",
        "A105",
        "error",
        "pose",
        unchanged,
        at="docs",
        archive=True,
        make_zip=with_entry("set/docs", b"/etc", stat.S_IFLNK | 0o777),
    ),
    Plant("pipe", "A105", "error", "pose", unchanged, archive=True, make_zip=with_entry("set/p", b"", stat.S_IFIFO)),
    Plant("encrypted", "A105", "error", "obb", unchanged, archive=True, make_zip=lambda f: flagged(f, 1)),
    Plant(
        "file-and-folder", "A105", "error", "detect", unchanged, archive=True, make_zip=with_entry("set/README.md/a")
    ),
    Plant(
        "drive",
        "A105",
        "error",
        "classify",
        unchanged,
        archive=True,
        make_zip=lambda f: zipped(f, str, lambda archive: archive.writestr("C:/notes.md", b"x")),
        also=("A103",),
        why_also="the drive is a second top folder",
    ),
    Plant("no-zip", "A106", "error", "detect", unchanged, archive=True, make_zip=lambda f: b"<html></html>"),
    Plant("empty", "A106", "error", "classify", unchanged, archive=True, make_zip=lambda f: zipped({})),
    Plant("damaged", "A106", "error", "detect", unchanged, at="README.md", archive=True, make_zip=damaged),
    Plant("bomb", "A106", "warning", "pose", unchanged, archive=True, make_zip=bomb("set/notes.bin")),
    Plant("image-bomb", "A106", "error", "pose", unchanged, archive=True, make_zip=bomb("set/images/train/big.bmp")),
    Plant(
        "lzma",
        "A106",
        "warning",
        "segment",
        unchanged,
        archive=True,
        make_zip=lambda f: zipped(f, method=lambda path: zipfile.ZIP_LZMA if path == "LICENSE" else 0),
    ),
    Plant("prefixed", "A106", "warning", "obb", unchanged, archive=True, make_zip=lambda f: b"#!sh\n" + zipped(f)),
    Plant(
        "macos", "A107", "warning", "detect", unchanged, archive=True, make_zip=with_entry("__MACOSX/set/._README.md")
    ),
    Plant("finder", "A107", "warning", "detect", add("images/.DS_Store"), at="images/.DS_Store"),
    Plant("thumbs", "A107", "warning", "segment", add("images/train/Thumbs.db"), at="images/train/Thumbs.db"),
    Plant("fork", "A107", "warning", "obb", add("images/train/._aaapic.jpg"), at="images/train/._aaapic.jpg"),
    Plant("desktop", "A107", "warning", "classify", add("train/cat/desktop.ini"), at="train/cat/desktop.ini"),
    Plant("notebook", "A107", "warning", "pose", add(".ipynb_checkpoints/a-checkpoint.ipynb"), at=".ipynb_checkpoints"),
    Plant("colon", "A108", "warning", "detect", rename_pair("aaa:pic"), at="images/train/aaa:pic.jpg"),
    Plant("newline", "A108", "warning", "segment", rename_pair("aaa\npic"), at="images/train/aaa\npic.jpg"),
    Plant("blank", "A108", "warning", "obb", rename_pair("aaapic "), at="images/train/aaapic .jpg"),
    Plant("device", "A108", "warning", "pose", add("docs/aux.md"), at="docs/aux.md"),
    Plant("case", "A108", "warning", "detect", add("readme.md", b"# License\n"), at="readme.md"),
    Plant("accent", "A108", "warning", "detect", lambda f: f.update({"\u00e4.md": b"x", "a\u0308.md": b"x"})),
    Plant("long-path", "A108", "warning", "classify", add("/".join(["d" * 60] * 5) + "/a.md")),
    Plant("unmarked", "A108", "warning", "detect", unchanged, archive=True, make_zip=unmarked),
    Plant(
        "long-part", "A108", "error", "classify", unchanged, archive=True, make_zip=with_entry(f"set/{'d' * 256}.md")
    ),
    Plant("two", "A109", "error", "detect", lfs, at=PICTURE),
    Plant(
        "two",
        "A109",
        "error",
        "classify",
        add(CLASSIFIED, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"),
        at=CLASSIFIED,
    ),
    Plant("beside-labels", "A110", "note", "detect", add("labels/train.cache", b"\x80\x04N."), at="labels/train.cache"),
    Plant("elsewhere", "A110", "note", "classify", add("old/train.cache", b"\x80\x04N."), at="old/train.cache"),
]
