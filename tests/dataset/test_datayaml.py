"""data.yaml: which file it is, what it says on which line, and what hostile text does to the check: nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hubaction.dataset.datayaml import DataYaml, Loader, read_data_yaml
from hubaction.dataset.source import open_source

HEAD = "train: images/train\nval: images/val\nnames: [cat, dog]\n"


@pytest.fixture
def read(detect: Any) -> Any:
    """data.yaml of a dataset with this text."""

    def read_text(text: str | bytes, loader: Loader = Loader.FORMER) -> DataYaml:
        detect.yaml_text(text)
        return read_data_yaml(open_source(detect.zip(), detect.limits), loader, detect.limits)

    return read_text


# --- which file it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["data.yaml", "a.yaml", ".yaml", ".hidden.yaml", "ü.yaml"])
def test_any_yaml_in_the_root(detect: Any, name: str) -> None:
    assert detect.put(name, detect.files.pop("data.yaml")).kinds() == []


def test_yaml_in_the_root_wins_over_deeper_ones(detect: Any) -> None:
    assert detect.put("deep/er/other.yaml", "no: 1").kinds() == []


def test_yaml_at_any_depth_when_none_in_the_root(detect: Any) -> None:
    text = "train: ../../images/train\nval: ../../images/val\nnames: [cat, dog]\n"
    assert detect.drop("data.yaml").put("conf/ig/x.yaml", text).kinds() == []


def test_two_yaml_files_are_ambiguous(detect: Any) -> None:
    (defect,) = detect.put("._data.yaml", "junk").defects()
    assert defect.kind.name == "YAML_AMBIGUOUS"
    assert defect.detail["found"] == "._data.yaml, data.yaml"


@pytest.mark.parametrize("top", ["set", "set.v1"])
def test_of_several_the_one_named_like_the_root_is_taken(detect: Any, top: str) -> None:
    detect.top = top
    assert detect.put("set.yaml", detect.files["data.yaml"]).put("data.yaml", "junk").kinds() == []


def test_without_top_folder_the_stem_of_the_zip_decides(detect: Any) -> None:
    detect.top = ""
    detect.put("mine.yaml", detect.files["data.yaml"]).put("data.yaml", "junk")
    assert detect.check(path=detect.zip("mine.zip")).verdict == "passed"
    assert detect.check(path=detect.zip("other.zip")).verdict == "failed"


def test_two_deep_ones_named_like_the_root_are_ambiguous(detect: Any) -> None:
    detect.drop("data.yaml").put("a/set.yaml", HEAD).put("b/set.yaml", HEAD)
    assert detect.kinds() == ["YAML_AMBIGUOUS"]


@pytest.mark.parametrize("name", ["data.yml", "data.YAML", "data.Yaml", "data.json", "data.yaml.txt"])
def test_other_suffixes_are_not_found_by_the_former_loader(detect: Any, name: str) -> None:
    (defect,) = detect.put(name, detect.files.pop("data.yaml")).defects()
    assert defect.kind.name == "YAML_MISSING"


@pytest.mark.parametrize("name", ["data.yml", "data.YAML", "data.json"])
def test_near_miss_is_named(detect: Any, name: str) -> None:
    (defect,) = detect.put(name, detect.files.pop("data.yaml")).defects()
    assert name in defect.detail["found"]


def test_current_loader_finds_yml(detect: Any) -> None:
    detect.put("data.yml", detect.files.pop("data.yaml"))
    assert detect.kinds(Loader.CURRENT) == ["YAML_ONLY_YML"]
    assert detect.stats(Loader.CURRENT)["train"]["image_stats"]["total"] == 2
    assert detect.kinds(Loader.FORMER) == ["YAML_MISSING"]


def test_yml_counts_only_where_no_yaml_is(detect: Any) -> None:
    assert detect.put("other.yml", "junk").kinds(Loader.CURRENT) == []


def test_no_data_yaml_is_unreadable(detect: Any) -> None:
    assert detect.drop("data.yaml").check("hub").exit_code == 3


# --- lines ------------------------------------------------------------------------------------------------------------


def test_every_key_has_its_line(read: Any) -> None:
    lines = read("# head\n\ntrain: images/train\nval:\n  images/val\nnames:\n  0: a\n  1: b\n").lines
    assert lines == {("train",): 3, ("val",): 4, ("names",): 6, ("names", 0): 7, ("names", 1): 8}


def test_items_of_a_list_have_lines(read: Any) -> None:
    assert read("names:\n- a\n- b\n- c\n").lines == {("names",): 1, ("names", 0): 2, ("names", 1): 3, ("names", 2): 4}


def test_defect_lies_on_the_line_of_its_key(detect: Any) -> None:
    (defect,) = detect.yaml_text("# c\ntrain: images/train\n\nval: images/nowhere\nnames: [a, b]\n").defects()
    assert (defect.path, defect.line) == ("data.yaml", 4)


def test_defect_of_a_name_lies_on_its_line(detect: Any) -> None:
    text = "train: images/train\nval: images/val\nnames:\n  0: a\n  7: b\n"
    assert [d.line for d in detect.yaml_text(text).defects("NAMES_INVALID")] == [5]


def test_crlf_counts_as_one_line(read: Any) -> None:
    assert read("a: 1\r\nb: 2\r\nc: 3\r\n").lines[("c",)] == 3


# --- encodings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (HEAD.encode("utf-8-sig"), ["YAML_BOM"]),
        (HEAD.encode("utf-16"), ["YAML_NOT_UTF8"]),
        (HEAD.encode("utf-16-be"), []),
        (HEAD.replace("\n", "\r\n").encode(), []),
        (HEAD.replace("\n", "\r").encode(), []),
        (HEAD.encode().replace(b"cat", b"c\xe4t"), ["YAML_NOT_UTF8"]),
        (HEAD.encode() + b"\0\x07", []),
    ],
    ids=["bom", "utf-16", "utf-16-no-bom", "crlf", "cr", "latin-1", "control"],
)
def test_encodings_that_load(detect: Any, raw: bytes, expected: list[str]) -> None:
    assert detect.yaml_text(raw).kinds() == expected


def test_letters_of_latin_1_vanish(read: Any) -> None:
    assert read(HEAD.encode().replace(b"cat", b"c\xe4t")).values["names"] == ["ct", "dog"]


def test_line_of_the_first_bad_byte(detect: Any) -> None:
    (defect,) = detect.yaml_text(b"# one\n# two \xff\n" + HEAD.encode()).defects()
    assert defect.line == 2


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "train:\timages\n\tval: b\n",
        "names: [cat, dog\n",
        "a: 1\n--- \nb: 2\n",
        HEAD + "x: !custom 1\n",
        HEAD + "x: !!python/name:os.system\n",
        HEAD + "x: *nothing\n",
        HEAD + "? {a: 1}\n: 2\n",
        HEAD + "x: 2024-13-45\n",
        HEAD + "x: 9" + "9" * 5000 + "\n",
        HEAD + "%\n",
        "- a\n- b\n",
        "only a string",
        "5",
    ],
    ids="tab unclosed documents tag python-name alias mapping-key date digits percent list string number".split(),
)
def test_invalid_yaml_rejects(detect: Any, text: str) -> None:
    assert detect.yaml_text(text).kinds() == ["YAML_INVALID"]
    assert detect.check("hub").exit_code == 1


def test_line_and_column_of_a_syntax_error(detect: Any) -> None:
    (defect,) = detect.yaml_text(HEAD + "x: [1, 2\ny: 3\n").defects()
    assert (defect.line, defect.column) == (5, 2)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "{}", "null"], ids=["empty", "comment", "braces", "null"])
def test_empty_yaml_lacks_its_keys(detect: Any, text: str) -> None:
    assert set(detect.yaml_text(text).kinds()) == {"SPLIT_KEY_MISSING", "NAMES_INVALID"}


def test_last_of_duplicate_keys_wins(read: Any) -> None:
    assert read(HEAD + "names: [x]\n").values["names"] == ["x"]


def test_string_none_is_null(read: Any) -> None:
    assert read("test: None\nval: none\n").values == {"test": None, "val": "none"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("no", False), ("0x10", 16), ("1e3", "1e3"), ("2024-01-01", "2024-01-01"), ("~", None), ("010", 8), ("1:30", 90)],
)
def test_values_are_those_of_yaml_1_1(read: Any, text: str, value: Any) -> None:
    assert read(f"x: {text}\n").values["x"] == value


# --- hostile text -----------------------------------------------------------------------------------------------------


def test_tags_are_not_executed(detect: Any, tmp_path: Path) -> None:
    proof = tmp_path / "executed"
    for tag in ("object/apply:os.system", "object/new:os.system"):
        detect.yaml_text(HEAD + f"x: !!python/{tag} ['touch {proof}']\n")
        assert detect.kinds() == ["YAML_INVALID"]
    assert not proof.exists()


def test_download_key_is_not_executed(detect: Any, tmp_path: Path) -> None:
    proof = tmp_path / "executed"
    detect.keys(download=f"open({str(proof)!r}, 'w')", val="images/nowhere").check("default")
    assert not proof.exists()


def bomb(levels: int, item: str = "[{}]") -> str:
    lines = (f"a{i}: &a{i} " + item.format(", ".join([f"*a{i - 1}"] * 9)) + "\n" for i in range(1, levels))
    return HEAD + "a0: &a0 {k: 1}\n" + "".join(lines)


@pytest.mark.parametrize("item", ["[{}]", "{{<<: [{}]}}"], ids=["list", "merge-key"])
def test_alias_bomb_is_not_unfolded(detect: Any, item: str) -> None:
    (defect,) = detect.yaml_text(bomb(30, item)).defects()
    assert defect.kind.name == "YAML_TOO_LARGE"
    assert "aliases" in defect.detail["reason"]
    assert detect.check("default").exit_code == 3


def test_few_aliases_are_fine(read: Any) -> None:
    assert read("a: &a [1, 2]\nb: [*a, *a]\nc: {<<: {d: 1}}\n").values["b"] == [[1, 2], [1, 2]]


def test_number_of_values_is_a_limit(detect: Any) -> None:
    assert detect.limit(max_yaml_nodes=8).kinds() == ["YAML_TOO_LARGE"]
    assert detect.limit(max_yaml_nodes=9).kinds() == []


@pytest.mark.parametrize("text", ["x: &x [*x]", "x: &x {y: *x}", "x: &x [[*x], {z: *x}]"])
def test_alias_that_holds_itself_ends(detect: Any, text: str) -> None:
    assert detect.yaml_text(f"{HEAD}{text}\n").kinds() == []


@pytest.mark.parametrize("levels", [300, 3000, 5000])
def test_reason_of_a_bomb_is_short(detect: Any, levels: int) -> None:
    (defect,) = detect.yaml_text(bomb(levels)).defects()
    assert defect.kind.name == "YAML_TOO_LARGE"
    assert len(defect.detail["reason"]) < 1000


def test_twenty_megabytes_in_one_line_are_not_read(detect: Any) -> None:
    detect.method = 0
    (defect,) = detect.yaml_text(HEAD + "x: " + "y" * 20_000_000).defects()
    assert defect.kind.name == "YAML_TOO_LARGE"


@pytest.mark.parametrize("text", ["[" * 20_000, "{a: " * 9000, "- " * 20_000 + "1", "? " * 20_000])
def test_deep_nesting_is_invalid(detect: Any, text: str) -> None:
    (defect,) = detect.yaml_text(HEAD + "x:\n  " + text).defects()
    assert defect.kind.name == "YAML_INVALID"


@pytest.mark.parametrize("text", ["[" * 300_000, "[" * 100_000 + "]" * 100_000, "- " * 100_000 + "1"])
def test_deep_nesting_of_a_large_file_does_not_kill_the_process(detect: Any, text: str) -> None:
    detect.method = 0
    path = detect.yaml_text(HEAD + "x:\n  " + text).zip()
    command = [sys.executable, "-m", "hubaction", "check-dataset", str(path), "--task", "detect", "--quiet"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of processor time")
def test_number_in_base_60_does_not_hold_the_check_up(detect: Any) -> None:
    import resource

    detect.method = 0
    path = detect.yaml_text(HEAD + "x: 1" + ":1" * 600_000 + "\n").zip()
    done = subprocess.run(
        [sys.executable, "-m", "hubaction", "check-dataset", str(path), "--task", "detect", "--quiet"],
        check=False,
        capture_output=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (4, 4)),
    )
    assert done.returncode in {0, 1, 3}


@pytest.mark.parametrize("key", ["nc", "train", "names", "kpt_shape"])
def test_huge_hexadecimal_number_is_a_finding(detect: Any, key: str) -> None:
    text = "".join(f"{k}: {json.dumps(v)}\n" for k, v in detect.yaml.items() if k != key)
    assert detect.yaml_text(f"{text}{key}: 0x{'f' * 5000}\n").check("hub").exit_code == 1


def test_large_but_sound_yaml_loads_like_a_small_one(detect: Any) -> None:
    names = [f"class number {i}" for i in range(5000)]
    assert detect.keys(names=names).kinds() == []
    assert detect.stats()["names"] == names


def test_tab_is_refused_in_small_files(detect: Any) -> None:
    assert detect.yaml_text("train: images/train\nval: images/val\nnames:\n\t- cat\n").kinds() == ["YAML_INVALID"]
