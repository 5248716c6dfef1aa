"""Family Y: just inside and just outside of each definition; nothing that YAML can hold makes a rule fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from plants import Plant
from plants.datayaml import added, both, encoded, listed, moved, replaced
from test_plants import checked

Said = set[tuple[str, str]]


def fired(task: str, change: object, folder: Path, archive: bool = False) -> Said:
    plant = Plant("", "", "", task, change, archive=archive)
    return {(finding.rule, finding.severity.word) for finding in checked(plant, folder).findings}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", set()),
        ("https://example.com/set.zip", set()),
        ("http://example.com/set.tar.gz", set()),
        ("https://example.com/set.ZIP", set()),
        ("https://example.com/set", {("Y209", "error")}),
        ("ftp://example.com/set.zip", {("Y209", "error")}),
        ("https://example.com/a.zip https://example.com/b.zip", {("Y209", "error")}),
        ("[https://example.com/a.zip]", {("Y209", "error")}),
        ("bash get.sh", {("Y209", "error")}),
    ],
)
def test_download_is_one_archive(url: str, said: Said, tmp_path: Path) -> None:
    assert fired("detect", added(f"download: {url}"), tmp_path) == said


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", set()),
        ("''", set()),
        (".", {("Y204", "warning")}),
        ("../set", {("Y204", "warning")}),
        ("/data/set", {("Y205", "warning")}),
        ("~/set", {("Y205", "warning")}),
        ("C:/set", {("Y205", "warning")}),
        ("'sets\\set'", {("Y204", "warning"), ("Y205", "warning")}),
        ("[a]", {("Y201", "error")}),
    ],
)
def test_path_is_best_left_out(path: str, said: Said, tmp_path: Path) -> None:
    assert fired("detect", added(f"path: {path}"), tmp_path) == said


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("names: [cat, dog]", set()),
        ("names: {'0': cat, '1': dog}", set()),
        ("names: {0: cat, '0': dog}", {("Y206", "error")}),
        ("names: {0: cat, true: dog}", {("Y206", "error")}),
        ("names: {0: cat, 2: dog}", {("Y206", "error")}),
        ("names: {-1: cat, 0: dog}", {("Y206", "error")}),
        ("names: [cat, '']", {("Y206", "error")}),
        ("names: text", {("Y206", "error")}),
        ("names: [cat, dog]\nnc: 2", set()),
        ("names: [cat, dog]\nnc: '2'", {("Y206", "warning")}),
        ("names: [cat, dog]\nnc: 2.0", {("Y206", "warning")}),
        ("names: [cat, dog]\nnc: 3", {("Y206", "error")}),
        ("names: [cat, dog]\nnc: two", {("Y206", "error")}),
        ("names: [cat, CAT]", {("Y207", "warning")}),
        ("names: [cat, ' cat']", {("Y207", "error")}),
        ("names: [cat, 'no']", set()),
        ("names: [cat, no]", {("Y208", "warning")}),
        ("names: [cat, 1.0]", {("Y208", "warning")}),
        ("names: [cat, ~]", {("Y208", "warning")}),
        ("names: [cat, 2024-01-01]", {("Y208", "warning")}),
        ("names: [cat, [dog]]", {("Y208", "warning")}),
        ("names: [no, off]", {("Y207", "error"), ("Y208", "warning")}),
    ],
)
def test_names(names: str, said: Said, tmp_path: Path) -> None:
    found = fired("detect", replaced("names:\n  0: cat\n  1: dog", names), tmp_path)
    assert {one for one in found if one[0].startswith("Y")} == said


def test_a_coerced_name_is_told_as_the_file_has_it(tmp_path: Path) -> None:
    change = replaced("1: dog", "1: 1.50")
    finding = checked(Plant("", "", "", "detect", change), tmp_path).findings[0]
    assert "written as 1.50" in finding.message
    assert "'1.5'" in finding.message


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("x: {a: 1, a: 1}", {("Y201", "warning")}),
        ("x: {a: 1, a: 2}", {("Y201", "error")}),
        ("x: {a: [1, {b: 2}], a: [1, {b: 2}]}", {("Y201", "warning")}),
        ("x: {a: [1, {b: 2}], a: [1, {b: 3}]}", {("Y201", "error")}),
        ("x: {1: a, '1': a}", set()),
        ("b: &b {a: 1}\nx: {<<: *b, a: 2}", set()),
        ("x: &x [*x]\ny: {a: *x, a: *x}", {("Y201", "warning")}),
    ],
)
def test_repeated_keys(lines: str, said: Said, tmp_path: Path) -> None:
    assert fired("detect", added(lines), tmp_path) == said


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("[17, 3]", set()),
        ("[0, 0]", set()),
        ("[17]", {("Y211", "error")}),
        ("'ab'", {("Y211", "error")}),
        ("", {("Y211", "error")}),
    ],
)
def test_kpt_shape_outside_pose(shape: str, said: Said, tmp_path: Path) -> None:
    assert fired("obb", added(f"kpt_shape: {shape}"), tmp_path) == said


@pytest.mark.parametrize(
    ("flip", "said"),
    [
        ("[0, 1, 2, 3]", set()),
        ("[3, 2, 1, 0]", set()),
        ("[]", {("Y212", "warning")}),
        ("[0, 1, 2]", {("Y212", "error")}),
        ("[0, 1, 2, 4]", {("Y212", "error")}),
        ("[0, 1, 2, -1]", {("Y212", "error")}),
        ("[0, 0, 2, 3]", {("Y212", "error")}),
        ("[1, 2, 0, 3]", {("Y212", "error")}),
        ("[0, 1, 2, x]", {("Y212", "error")}),
        ("abcd", {("Y212", "error")}),
    ],
)
def test_flip_idx(flip: str, said: Said, tmp_path: Path) -> None:
    assert fired("pose", replaced("[1, 0, 3, 2]", flip), tmp_path) == said


@pytest.mark.parametrize(("train", "level"), [(196, "warning"), (197, "error")])
def test_an_overlap_weighs_less_below_200_images(train: int, level: str, tmp_path: Path) -> None:
    change = replaced("val: images/val", "val: images")
    plant = Plant("", "", "", "detect", change, size={"train": train, "val": 3, "objects": 1})
    assert ("Y210", level) in {(finding.rule, finding.severity.word) for finding in checked(plant, tmp_path).findings}


def test_val_may_be_test(tmp_path: Path) -> None:
    assert fired("detect", added("test: images/val"), tmp_path) == set()


def test_lists_that_share_images_overlap(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        images = sorted(path for path in files if path.startswith("images/"))
        files["train.txt"] = "\n".join(images[:-2]).encode()
        files["val.txt"] = "\n".join(images[-3:]).encode()
        files["data.yaml"] = b"train: train.txt\nval: val.txt\nnames: [cat, dog]\n"

    assert fired("detect", change, tmp_path) == {("Y210", "warning")}


def test_roboflows_leading_dots_are_forgiven(tmp_path: Path) -> None:
    change = both(replaced("train: images", "train: ../images"), replaced("val: images", "val: ../images"))
    assert fired("detect", change, tmp_path, archive=True) == set()


def test_a_path_that_leaves_the_root_is_missing(tmp_path: Path) -> None:
    change = replaced("val: images/val", "val: ../../../set/images/val")
    assert fired("detect", change, tmp_path, archive=True) == {("Y203", "error")}


def test_an_absolute_path_in_an_archive_is_missing(tmp_path: Path) -> None:
    found = fired("detect", replaced("val: images/val", "val: /usr"), tmp_path, archive=True)
    assert found == {("Y203", "error"), ("Y205", "warning")}


def test_an_absolute_path_within_the_folder_is_read(tmp_path: Path) -> None:
    change = replaced("val: images/val", f"val: {tmp_path}/set/images/val")
    assert fired("detect", change, tmp_path) == {("Y205", "warning")}


def test_plain_lists_are_silent(tmp_path: Path) -> None:
    assert fired("detect", listed("./"), tmp_path) == set()


def test_the_spelling_at_hand_is_named(tmp_path: Path) -> None:
    finding = checked(Plant("", "", "", "detect", replaced("val:", "vaild:")), tmp_path).findings[0]
    assert "'vaild'" in finding.message


@pytest.mark.parametrize(
    ("folder", "hint"), [("Train/", "(did you mean Train?)"), ("training/", "(did you mean training?)")]
)
def test_a_class_tree_names_the_folder_at_hand(folder: str, hint: str, tmp_path: Path) -> None:
    findings = checked(Plant("", "", "", "classify", moved("train/", folder)), tmp_path).findings
    assert any(hint in finding.message for finding in findings if finding.rule == "Y203")


def test_of_two_val_folders_the_second_is_told(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files |= {path.replace("val/", "valid/", 1): b"x" for path in files if path.startswith("val/")}

    findings = checked(Plant("", "", "", "classify", change), tmp_path).findings
    assert ("Y203", "warning", "valid") in [(f.rule, f.severity.word, f.place.path) for f in findings]


ODD = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"? [a]\n: b",
    b"train: images/train\nval: images/val\nnames: {.nan: a, 0: b}",
    b"train: images/train\nval: images/val\nnames: {null: a}",
    b"train: {a: b}\nval: [[1]]\ntest: [1, x]\nnames: [{}, [], null]\nnc: .inf\nkpt_shape: {}\nflip_idx: {}\npath: {}",
    b"train: images/train\nval: images/val\nnames: &n [*n]\nnc: 1\ndownload: &d {a: *d}",
    b"train: images/train\nval: images/val\nnames: [a]\nkpt_shape: [.nan, x]\nflip_idx: [[1], {}]",
    b"1: 2\n2.5: 3\ntrue: 4\nnull: 5\n2024-01-01: 6\nnames: {1.5: a}\nnc: true",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
    b"train: ''\nval: []\ntest: {}\nroboflow: 3\nlicense: []\nnames: []",
    b"\xff\xfet\0r\0",
    b"!!python/object:x {}",
]


@pytest.mark.parametrize("raw", ODD)
@pytest.mark.parametrize("task", ["detect", "pose"])
def test_whatever_yaml_holds_no_rule_fails(raw: bytes, task: str, tmp_path: Path) -> None:
    report = checked(Plant("", "", "", task, encoded(lambda old: raw)), tmp_path)
    assert report.exit_code != 5
    assert report.findings


def test_aliases_that_unfold_without_end_are_an_error(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{key}: &{key} [{', '.join([f'*{old}'] * 10)}]" for old, key in zip("abcd", "bcde", strict=True)]
    assert fired("detect", added("\n".join(lines)), tmp_path) == {("Y201", "error")}


def test_a_train_folder_without_an_image_is_an_error(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        for path in [path for path in files if path.startswith("train/")]:
            files[path.replace(".jpg", ".gif")] = files.pop(path)

    assert ("Y203", "error") in fired("classify", change, tmp_path)
