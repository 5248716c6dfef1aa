"""Family A: just inside and just outside of each bound, and that junk keeps quiet everywhere else."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from plants import Plant
from plants.archive import add, bomb, unchanged, zipped
from test_plants import checked

from hubaction.dataset.defects import Kind
from hubaction.dataset.folder import FolderReader
from hubaction.dataset.limits import Limits
from hubaction.dataset.source import Member, ReadError, open_source
from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.rules.filenames import is_os_junk

Files = dict[str, bytes]


def fired(plant: Plant, folder: Path) -> set[tuple[str, str]]:
    return {(finding.rule, finding.severity.word) for finding in checked(plant, folder).findings}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("a" * 250 + "/" + "b" * 8, set()),  # 259 characters
        ("a" * 250 + "/" + "b" * 9, {("A108", "warning")}),
        ("docs/100%_%20.md", set()),
        ("docs/a.b.c.md", set()),
        ("docs/.hidden", set()),
        ("docs/auxiliary.md", set()),
        ("docs/com10.md", set()),
        ("docs/com1.tar.gz", {("A108", "warning")}),
        ("docs/\xe4.md", set()),
        ("docs/a .md", {("A108", "warning")}),
        ("docs/a b.md", set()),
        ("docs/a..md", {("A108", "warning")}),
        ("docs/a\x7f.md", {("A108", "warning")}),
        ("docs/a\\b.md", {("A108", "warning")}),
    ],
)
def test_a_name_is_portable_or_not(path: str, said: set[tuple[str, str]], tmp_path: Path) -> None:
    assert fired(Plant("", "", "", "detect", add(path)), tmp_path) == said


def test_a_colliding_folder_speaks_for_what_lies_in_it(tmp_path: Path) -> None:
    def change(files: Files) -> None:
        files |= {"Docs/a.md": b"x", "docs/a.md": b"y", "docs/b.md": b"z"}

    findings = checked(Plant("", "", "", "detect", change), tmp_path).findings
    assert [(finding.rule, finding.place.path) for finding in findings] == [("A108", "docs")]


@pytest.mark.parametrize(("name", "level"), [("a.jpg", "error"), ("a.txt", "error"), ("a.bin", "warning")])
def test_a_bomb_weighs_by_whether_it_must_be_read(name: str, level: str, tmp_path: Path) -> None:
    plant = Plant("", "", "", "classify", unchanged, archive=True, make_zip=bomb(f"set/{name}"))
    assert fired(plant, tmp_path) == {("A106", level)}


def test_a_large_member_that_packs_well_is_no_bomb(tmp_path: Path) -> None:
    def extra(archive: zipfile.ZipFile) -> None:
        archive.writestr("set/small.bin", bytes(10 << 20), zipfile.ZIP_DEFLATED)

    plant = Plant("", "", "", "detect", unchanged, archive=True, make_zip=lambda files: zipped(files, extra=extra))
    assert fired(plant, tmp_path) == set()


@pytest.mark.parametrize("names", [["set/a", "set/b"], ["./set/a", "set/b"], ["set//a"]])
def test_a_top_folder_is_known_however_it_is_written(names: list[str], tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    report = check(CheckOptions(tmp_path / "set.zip", "detect"))
    assert "A103" not in {finding.rule for finding in report.findings}


@pytest.mark.parametrize(
    ("path", "junk"),
    [
        ("__MACOSX/a", True),
        ("a/._b.jpg", True),
        ("a/Thumbs.db", True),
        ("a/Thumbs.dbx", False),
        (".ipynb_checkpoints/a", True),
        ("a/.hidden.jpg", False),
        ("a/b._c", False),
        ("desktop.ini", True),
        ("my__MACOSX/a", False),
        ("a/._b/c.jpg", False),
    ],
)
def test_what_counts_as_junk(path: str, junk: bool) -> None:
    assert is_os_junk(path) is junk


def test_names_that_say_they_are_utf8_are_portable(tmp_path: Path) -> None:
    def extra(archive: zipfile.ZipFile) -> None:
        archive.writestr("set/grün/ß.bin", b"x")

    plant = Plant("", "", "", "detect", unchanged, archive=True, make_zip=lambda files: zipped(files, extra=extra))
    assert fired(plant, tmp_path) == set()


def test_macos_junk_is_counted_by_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for name in ("set/a.txt", "__MACOSX/._set", "__MACOSX/set/._a.txt", "set/.DS_Store"):
            archive.writestr(name, b"x")
    defects = [(d.path, d.detail) for d in open_source(tmp_path / "set.zip").defects if d.kind.name == "OS_JUNK"]
    assert defects == [("__MACOSX", {"entries": 2}), (".DS_Store", {"entries": 1})]


def test_a_split_behind_a_link_is_told(tmp_path: Path) -> None:
    root = tmp_path / "set"
    for path in ("real/train", "val", "other"):
        (root / "store" / path).mkdir(parents=True)
        (root / "store" / path / "a.jpg").write_bytes(b"x")
    (root / "images").symlink_to("store/real")
    (root / "docs").symlink_to("store/other")
    (root / "data.yaml").write_text("train: images/train\nval: store/val\nnames: [a]\n")
    findings = check(CheckOptions(root, "detect")).findings
    assert [(f.place.path, f.severity.word) for f in findings if f.rule == "A105"] == [("images", "warning")]


def test_a_link_that_leaves_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "out").symlink_to(tmp_path)
    findings = check(CheckOptions(tmp_path / "set", "classify")).findings
    assert ("A105", "error", "out") in [(f.rule, f.severity.word, f.place.path) for f in findings]


def test_what_cannot_be_opened_is_the_only_finding(tmp_path: Path) -> None:
    (tmp_path / "set.zip").write_bytes(b"PK\x03\x04 and no more")
    for task in ("detect", "classify"):
        report = check(CheckOptions(tmp_path / "set.zip", task))
        assert ({finding.rule for finding in report.findings}, report.exit_code) == ({"A106"}, 3)


def levels(path: Path, task: str = "detect", **limits: int) -> set[tuple[str, str]]:
    report = check(CheckOptions(path, task, limits=Limits(**limits)))
    return {(finding.rule, finding.severity.word) for finding in report.findings}


def test_more_than_the_limits_allow_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "set.zip").write_bytes(zipped({"a": b"x", "b": b"y"}))
    assert levels(tmp_path / "set.zip", max_members=1) == {("A106", "error")}
    assert ("A106", "error") not in levels(tmp_path / "set.zip", max_members=2)


def test_an_unknown_compression_is_an_error(tmp_path: Path) -> None:
    data = bytearray(zipped({"LICENSE": b"x", "README.md": b"y"}))
    data[data.rfind(b"PK\x01\x02") + 10] = 99
    (tmp_path / "set.zip").write_bytes(data)
    assert ("A106", "error") in levels(tmp_path / "set.zip")


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(reader: FolderReader, member: Member) -> bytes:
        raise ReadError(Kind.FILE_UNREADABLE, "Permission denied")

    (tmp_path / "train" / "cat").mkdir(parents=True)
    (tmp_path / "train" / "cat" / "a.jpg").write_bytes(b"x")
    monkeypatch.setattr(FolderReader, "read", refuse)
    assert ("A106", "error") in levels(tmp_path, "classify")
