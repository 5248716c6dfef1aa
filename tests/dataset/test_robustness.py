"""Whatever the bytes are, a check ends with a report."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

Maker = Callable[..., Any]
TASKS = ["detect", "segment", "pose", "obb"]
VERDICTS = {"passed", "failed", "unreadable"}

numbers = st.sampled_from("0 1 2 -1 .5 0.5 1.01 -0.01 nan inf -inf 1e39 x ½ 1_0 99999999999999999999 -0".split())
blanks = st.sampled_from([" ", "  ", "\t", "\n", "\r\n", "\n \n", "\u2028", "\xa0", "\n" * 3])
rows = st.lists(st.tuples(numbers, blanks), max_size=60).map(lambda pairs: "".join(map("".join, pairs)).encode())
labels = st.binary(max_size=200) | rows | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass"))

scalars = st.none() | st.booleans() | st.integers(-5, 99999) | st.floats() | st.text(max_size=12)
scalars |= st.sampled_from(["images/train", "images/val", "..", "../..", "/", ".", "images", "a.txt", "data.yaml"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(scalars, inner, max_size=4), max_leaves=8
)
keys = ["train", "val", "test", "names", "nc", "kpt_shape", "flip_idx", "path", "validation"]


def verdicts(maker: Any) -> set[str]:
    """Verdicts of both profiles; the report's other parts are computed too."""
    found = set()
    for profile in ("hub", "default"):
        report = maker.check(profile)
        assert set(report.stats) == {"nc", "names", "train", "val", "test"}
        assert all("{" not in finding.rule for finding in report.findings)
        found.add(report.verdict)
    return found


@pytest.mark.parametrize("task", TASKS)
def test_number_beyond_float32_in_a_dropped_row_is_quiet(sound_in: Maker, task: str) -> None:
    assert verdicts(sound_in(task).label("1e39 1e39\n")) == {"passed", "failed"}


@pytest.mark.parametrize("task", TASKS)
@given(data=labels)
@example(b"\n0 .1 .1 .2 .2 .3 .3\n\t\n0 .1\n")
@example(b"0 .5 .5 .2 .2\n" * 3 + b"\xff")
def test_any_label(sound_in: Maker, task: str, data: bytes) -> None:
    assert verdicts(sound_in(task).label(data).label(data, "val/c")) <= VERDICTS


@given(text=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"? ? ?")
@example(b"names: !!set {a, b}\ntrain: images/train\nval: images/val\n")
@example(b"train: !!binary aGk=\nval: images/val\nnames: !!omap [a: 1]\n")
@example(b"names: 0x" + b"0" * 5000 + b"1\ntrain: images/train\nval: images/val\n")
def test_any_bytes_as_data_yaml(sound_in: Maker, text: bytes) -> None:
    assert verdicts(sound_in().yaml_text(text)) <= VERDICTS


@pytest.mark.parametrize("task", ["detect", "pose"])
@given(mapping=st.dictionaries(st.sampled_from(keys), values, max_size=6))
@example({"names": {0: "a", 1.5: "b"}, "nc": 2.0})
@example({"train": {"a": 1}, "val": [[]], "names": [None], "kpt_shape": [True, 3]})
def test_any_values_in_data_yaml(sound_in: Maker, task: str, mapping: dict[str, Any]) -> None:
    import yaml

    sound = {"train": "images/train", "val": "images/val", "names": ["a", "b"]}
    if task == "pose":
        sound |= {"kpt_shape": [2, 3]}
    text = yaml.safe_dump(sound | mapping, allow_unicode=True, sort_keys=False)
    assert verdicts(sound_in(task).yaml_text(text.encode("utf-8", "surrogatepass"))) <= VERDICTS


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"])
@given(at=st.integers(0, 3000), junk=st.binary(max_size=40), cut=st.booleans())
def test_any_damage_of_an_image(sound_in: Maker, draw: Any, form: str, at: int, junk: bytes, cut: bool) -> None:
    data = draw(form)
    at %= len(data)
    damaged = data[:at] + junk + (b"" if cut else data[at + len(junk) :])
    assert verdicts(sound_in().image(damaged)) <= VERDICTS


@given(data=st.binary(max_size=300))
def test_any_bytes_as_image(sound_in: Maker, data: bytes) -> None:
    assert verdicts(sound_in().image(data)) <= VERDICTS
    assert verdicts(sound_in("classify").put("train/cat/a.jpg", data)) <= VERDICTS


@pytest.mark.parametrize("method", [0, 8, 12], ids=["stored", "deflated", "bzip2"])
@given(at=st.integers(0, 10_000), junk=st.binary(min_size=1, max_size=12), from_end=st.booleans())
def test_any_damage_of_an_archive(sound_in: Maker, method: int, at: int, junk: bytes, from_end: bool) -> None:
    maker = sound_in()
    maker.method = method
    data = bytearray(maker.zip().read_bytes())
    at = len(data) - 1 - at % 600 if from_end else at % len(data)
    data[at : at + len(junk)] = junk
    maker.raw = bytes(data)
    assert verdicts(maker) <= VERDICTS


@given(names=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), min_size=1, max_size=6))
@example(["."])
@example(["./"])
@example(["a/", "a"])
@example(["images/train/a.jpg/"])
@example(["a\\b", "C:/x", "con", "a\nb", "\x1b[31m", "::error::x"])
def test_any_names_in_an_archive(sound_in: Maker, names: list[str]) -> None:
    maker = sound_in()
    for name in names:
        maker.entry(name, b"x").entry(f"set/{name}", b"y")
    assert verdicts(maker) <= VERDICTS


@given(names=st.lists(st.text("./\\ab", min_size=1, max_size=12), min_size=1, max_size=8))
def test_what_is_read_lies_inside(sound_in: Maker, names: list[str]) -> None:
    maker = sound_in()
    for name in names:
        maker.entry(name, b"x")
    paths = list(maker.read().source.files)
    assert not [path for path in paths if path.startswith("/") or ".." in path.split("/")]


@given(value=st.text("./abimgestrn", max_size=20) | scalars.filter(lambda value: isinstance(value, str)))
def test_split_paths_never_leave_the_set(sound_in: Maker, value: str) -> None:
    maker = sound_in()
    (maker.home / "outside.jpg").write_bytes(maker.files["images/val/c.jpg"])
    maker.in_folder = True
    split = maker.keys(train=value).read().splits.get("train")
    assert split is None or set(split.images) <= set(maker.read().source.files) | maker.read().source.folders


@given(
    st.lists(st.sampled_from(["images/train/a.jpg", "labels/train/a.txt", "data.yaml", "labels/val/c.txt"]), max_size=4)
)
def test_any_missing_files(sound_in: Maker, lost: list[str]) -> None:
    assert verdicts(sound_in().drop(*lost, "no such file")) <= VERDICTS


def test_zip_without_a_single_sound_entry(detect: Any) -> None:
    detect.files = {}
    for name in ("../a", "/b", "c/../../d"):
        detect.entry(zipfile.ZipInfo(name), b"")
    assert verdicts(detect) == {"unreadable"}
