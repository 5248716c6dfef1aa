"""Whatever a label or a data.yaml holds, mending neither raises nor finds more to do the second time."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from cases import A, Y
from hypothesis import given, settings
from hypothesis import strategies as st
from mending import mend, read, sound, write

from hubaction.repair.jpeg import walk
from hubaction.repair.labeltext import LabelText

TOKENS = st.sampled_from(
    "0 1 2 1.0 2.0 45.0 -1 0.5 .5 0,5 -0.005 1.002 -0.0 1e-3 nan inf 1_0 x \u0663 0.500000 1e999".split()
)
GAPS = st.sampled_from([" ", "  ", "\t", ",", "\n", "\r\n", "\r", "\n \n", "\x0b", "\u2028", "\xa0", "\ufeff", "\0"])
TEXT = st.lists(st.tuples(TOKENS, GAPS), max_size=40).map(lambda pairs: "".join(a + b for a, b in pairs))
VALUES = st.floats(-0.02, 1.02).map(lambda value: f"{value:.4f}")
ROW = st.tuples(st.sampled_from(["0", "1.0", "7"]), st.lists(VALUES, min_size=4, max_size=8)).map(
    lambda row: " ".join([row[0], *row[1]])
)
BYTES = st.one_of(
    TEXT.map(str.encode), TEXT.map(lambda text: text.encode("utf-16")), st.binary(max_size=60),
    st.lists(ROW, max_size=6).map(lambda rows: "\n".join(rows).encode()),
)  # fmt: skip


@settings(max_examples=150, deadline=None, database=None)
@given(BYTES, st.sampled_from(["detect", "segment", "pose", "obb"]), st.booleans())
def test_any_label(label: bytes, task: str, unsafe: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write({**sound(task), A: label}, Path(folder))
        mend(path, task, unsafe=unsafe)
        once = read(path)
        report = mend(path, task, unsafe=unsafe)
        assert report.edits == {}
        assert read(path) == once
        assert {name: data for name, data in once.items() if name != A} == {
            name: data for name, data in sound(task).items() if name != A
        }


WORDS = st.sampled_from(
    "path: . | validation: images/val | val: images/val | train: images/train | nc: 3 | nc: '2' | names: [a, no] |"
    " names: {0: a, 1: 1.0} | names: | \t0: a |  0: a |  1: yes | - a | # x | a: &x [*x] | %YAML 1.1 | --- | ... | ? |"
    " names: |- | path: set | ! | '| \ufeffx: 1".split(" | ")
)


@settings(max_examples=150, deadline=None, database=None)
@given(st.lists(WORDS, max_size=8), st.sampled_from(["\n", "\r\n", "\x85"]))
def test_any_yaml(lines: list[str], end: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write({**sound("detect"), "data.yaml": end.join(lines).encode()}, Path(folder))
        mend(path, "detect", unsafe=True)
        once = read(path)
        assert mend(path, "detect", unsafe=True).edits == {}
        assert read(path) == once


@settings(max_examples=200, deadline=None, database=None)
@given(st.binary(max_size=80))
def test_any_bytes_as_a_picture(data: bytes) -> None:
    found = walk(b"\xff\xd8" + data)
    assert found.end is None or found.end <= len(data) + 2
    found.has_all_scans()
    found.exif()


@settings(max_examples=200, deadline=None, database=None)
@given(TEXT)
def test_lines_that_do_not_change_stay(text: str) -> None:
    parsed = LabelText.parse(text.encode())
    if parsed is not None:
        assert parsed.with_lines({}) == text.encode()
        for row in parsed.rows():
            assert row.with_tokens({}) == row.line
            assert row.without_tokens(set()) == row.line


@pytest.mark.parametrize("cut", range(0, 900, 50))
def test_cut_pictures(cut: int, tmp_path: Path) -> None:
    from mending import picture

    path = write({**sound("detect"), "images/train/a.jpg": picture(5)[:cut], "data.yaml": Y}, tmp_path)
    assert mend(path, "detect").edits == {}
