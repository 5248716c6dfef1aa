"""Every kind of defect is met by reading a dataset that has it, and the rule that owns it tells it."""

from __future__ import annotations

import pickle
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hubaction.dataset.datayaml import Loader
from hubaction.dataset.defects import Kind
from hubaction.rules import RULES
from hubaction.rules.engine import RuleResult, Selected, Status, run_rules
from hubaction.rules.view import View

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
SQUARE = "0 .1 .1 .3 .1 .3 .3 .1 .3\n"
HEADER = b"IHDR\0\x01\0\0\0\x01\0\0\x08\x02\0\0\0"
BOMB = b"\x89PNG\r\n\x1a\n\0\0\0\r" + HEADER + zlib.crc32(HEADER).to_bytes(4, "big") + b"\0\0\0\0IDAT"


@dataclass(frozen=True)
class Broken:
    """A sound set of a task and the change that makes the defect."""

    change: Callable[[Any], Any]
    task: str = "detect"
    loader: Loader = Loader.FORMER


def link(name: str, kind: int = stat.S_IFLNK) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (kind | 0o777) << 16
    return info


def prefixed(data: bytearray) -> None:
    """Bytes before the first entry, with every offset counted from the start of the file."""
    at = data.find(b"PK\x01\x02")
    start = at
    while data[at : at + 4] == b"PK\x01\x02":
        struct.pack_into("<I", data, at + 42, struct.unpack_from("<I", data, at + 42)[0] + 7)
        at += 46 + sum(struct.unpack_from("<HHH", data, at + 28))
    struct.pack_into("<I", data, at + 16, start + 7)
    data[:0] = b"#!stub\n"


def behind_link(maker: Any) -> None:
    for path in [path for path in maker.files if path.startswith("images/val/")]:
        maker.put(path.replace("images/val/", "store/"), maker.files.pop(path))
    maker.link("images/val", "../store")


def elsewhere(maker: Any) -> None:
    """A folder that exists, outside of the dataset."""
    maker.in_folder = True
    maker.keys(val=str(Path(__file__).parent))


def listed(*lines: str) -> Broken:
    """A list of images as ``train``, which only today's loader reads so."""
    text = "\n".join(["images/train/a.jpg", *lines, ""])
    return Broken(lambda m: m.put("t.txt", text).keys(train="t.txt"), loader=Loader.CURRENT)


def raw(maker: Any, data: bytes) -> None:
    maker.raw = data


def late(maker: Any, path: str) -> None:
    maker.in_folder, maker.removed_late = True, [path]


def flat(maker: Any) -> None:
    image = maker.files["val/cat/e.jpg"]
    maker.files = {f"{name}/{i}.jpg": image for name in ("cat", "dog") for i in range(5)}


def row(text: str | bytes, task: str = "detect") -> Broken:
    return Broken(lambda m: m.label(text), task)


def image(data: bytes) -> Broken:
    return Broken(lambda m: m.image(data))


def keys(*without: str, **values: Any) -> Broken:
    return Broken(lambda m: m.keys(*without, **values))


def tree(change: Callable[[Any], Any]) -> Broken:
    return Broken(change, "classify")


BROKEN: dict[str, Broken] = {
    "ARCHIVE_UNREADABLE": Broken(lambda m: raw(m, b"no zip")),
    "ARCHIVE_EMPTY": Broken(lambda m: m.files.clear()),
    "ARCHIVE_TOO_LARGE": Broken(lambda m: m.limit(max_members=1)),
    "ENTRY_UNSAFE": Broken(lambda m: m.entry("../x")),
    "ENTRY_DUPLICATE": Broken(lambda m: m.entry("set/data.yaml", m.files["data.yaml"])),
    "ENTRY_SYMLINK": Broken(lambda m: m.entry(link("set/l"), b"x")),
    "ENTRY_ENCRYPTED": Broken(lambda m: m.set_field("labels/train/a.txt", "flags", 1)),
    "ENTRY_UNSUPPORTED": Broken(lambda m: m.set_field("labels/train/a.txt", "method", 97)),
    "ENTRY_CONFLICT": Broken(lambda m: m.entry("set/data.yaml/x")),
    "ENTRY_NAME_TOO_LONG": Broken(lambda m: m.put("n" * 300)),
    "ENTRY_BOMB": Broken(lambda m: m.put("zeros", bytes(10**6)).limit(ratio_floor=1000)),
    "ENTRY_DAMAGED": Broken(lambda m: m.set_field("labels/train/a.txt", "crc", 1)),
    "FILE_UNREADABLE": Broken(lambda m: late(m, "labels/train/a.txt")),
    "LINK_NOT_FOLLOWED": Broken(lambda m: m.link("images/train/l.jpg", "nowhere")),
    "ROOT_NOT_FOLDER": Broken(lambda m: (m.files.clear(), m.entry("file", b"x"))),
    "CACHE_BREAKS_LOADER": Broken(lambda m: m.put("labels/train.cache", b"")),
    "CACHE_IGNORED": Broken(lambda m: m.put("labels/train.cache", pickle.dumps({}))),
    "YAML_MISSING": Broken(lambda m: m.drop("data.yaml")),
    "YAML_AMBIGUOUS": Broken(lambda m: m.put("other.yaml")),
    "YAML_TOO_LARGE": Broken(lambda m: m.limit(max_yaml_bytes=5)),
    "YAML_INVALID": Broken(lambda m: m.yaml_text("{[")),
    "YAML_NOT_UTF8": Broken(lambda m: m.yaml_text(m.files["data.yaml"] + b"# \xff\n")),
    "SPLIT_KEY_MISSING": keys("train"),
    "VALIDATION_RENAMED": keys("val", validation="images/val"),
    "SPLIT_TYPE": keys(train=5),
    "SPLIT_MISSING": keys(train="nowhere"),
    "SPLIT_EMPTY": keys(train="labels"),
    "SPLIT_ONLY_HIDDEN": Broken(lambda m: m.drop("images/train").pair("train/.a.jpg")),
    "SPLIT_LIST_IGNORED": Broken(lambda m: m.put("t.txt", "images/train/a.jpg").keys(train="t.txt")),
    "VAL_PATH_MISSING": keys(val="nowhere"),
    "TEST_MISSING": keys(test="nowhere"),
    "LIST_ENTRY_MISSING": Broken(
        lambda m: m.put("t.txt", "images/train/a.jpg\ngone.jpg\n").keys(train="t.txt"), loader=Loader.CURRENT
    ),
    "NAMES_INVALID": keys("names"),
    "NAMES_KEYS_ODD": Broken(
        lambda m: m.yaml_text("train: images/train\nval: images/val\nnames: {-1: a, 0: b, 1: c}\n")
    ),
    "NAMES_GENERATED": keys("names", nc=2),
    "NAMES_IMAGENET": keys(names=["n01440764", "n01443537"]),
    "KPT_SHAPE": keys(kpt_shape=5),
    "FLIP_IDX": Broken(lambda m: m.keys(flip_idx=[0]), "pose"),
    "FLIP_IDX_MISSING": Broken(lambda m: m.keys("flip_idx"), "pose"),
    "LABEL_ENCODING": row(b"\xff"),
    "LABEL_TOO_LARGE": Broken(lambda m: m.limit(max_label_bytes=5)),
    "TOKEN_NOT_NUMBER": row("0 .5 .5 .2 x"),
    "VALUE_NOT_FINITE": row("0 .5 .5 .2 nan"),
    "COLUMN_COUNT": row("0 .5 .5"),
    "POLYGON_COLUMNS": row("0 .1 .1 .2 .2 .3 .3 .4", "segment"),
    "NOT_NORMALISED": row("0 50 .5 .2 .2"),
    "NEGATIVE_VALUE": row("0 -.5 .5 .2 .2"),
    "CLASS_NEGATIVE": row("-1 .5 .5 .2 .2"),
    "CLASS_TOO_LARGE": row("9 .5 .5 .2 .2"),
    "ROW_DUPLICATE": row("0 .5 .5 .2 .2\n" * 2),
    "BOX_AMONG_POLYGONS": row(SQUARE + "0 .5 .5 .2 .2", "segment"),
    "KINDS_MIXED": row("0 .5 .5 .2 .2", "segment"),
    "POLYGONS_DISCARDED": row(SQUARE),
    "LABEL_MISSING": Broken(lambda m: m.drop("labels/train/a")),
    "LABEL_IS_FOLDER": Broken(lambda m: m.drop("labels/train/a").put("labels/train/a.txt/x")),
    "SPLIT_UNLABELLED": Broken(lambda m: m.drop("labels/train")),
    "SPLIT_ALL_BACKGROUND": Broken(lambda m: m.label("", "val/c")),
    "IMAGE_UNREADABLE": image(b"words"),
    "IMAGE_DAMAGED": image(b"\xff\xd8\xff\xe0"),
    "IMAGE_FORMAT": image(b"GIF89a"),
    "IMAGE_TOO_SMALL": Broken(lambda m: m.image(m.small)),
    "IMAGE_TOO_LARGE": image(BOMB),
    "IMAGE_REWRITTEN": Broken(lambda m: m.image(m.files["images/train/a.jpg"] + b"\0")),
    "LFS_POINTER": image(LFS),
    "SPLIT_NO_IMAGE_LEFT": Broken(lambda m: m.label("x", "val/c")),
    "TRAIN_FOLDER_MISSING": tree(lambda m: m.drop("train")),
    "RANDOM_SPLIT": tree(flat),
    "NO_TRAINING_IMAGE": tree(lambda m: m.drop("train").put("train/cat/x.txt")),
    "NO_CLASS_FOLDER": tree(lambda m: m.put("test/x.jpg")),
    "CLASS_FOLDER_EMPTY": tree(lambda m: m.put("train/cow/x.txt")),
    "CLASS_COUNT_DIFFERS": tree(lambda m: m.put("train/cat/deep/x.jpg")),
    "CLASS_ORDER_SHIFTS": tree(lambda m: m.drop("val/cat")),
    "ENTRY_SPECIAL": Broken(lambda m: m.entry(link("set/pipe", stat.S_IFIFO))),
    "ARCHIVE_PREFIXED": Broken(lambda m: m.patch(prefixed)),
    "FOLDER_IS_LINK": Broken(behind_link),
    "OS_JUNK": Broken(lambda m: m.entry("__MACOSX/set/._a.jpg", b"x")),
    "YAML_ONLY_YML": Broken(lambda m: m.put("data.yml", m.files.pop("data.yaml")), loader=Loader.CURRENT),
    "YAML_BOM": Broken(lambda m: m.yaml_text(b"\xef\xbb\xbf" + m.files["data.yaml"])),
    "YAML_KEY_CONFLICT": Broken(lambda m: m.yaml_text(m.files["data.yaml"] + b"val: images/train\n")),
    "YAML_KEY_REPEATED": Broken(lambda m: m.yaml_text(m.files["data.yaml"] + b"val: images/val\n")),
    "SPLIT_VALUE_EMPTY": keys(val=""),
    "SPLIT_ELSEWHERE": Broken(elsewhere, loader=Loader.CURRENT),
    "LIST_NOT_PORTABLE": listed("/home/me/b.jpg"),
    "LIST_ENTRY_BLANK": listed("", "images/train/b.jpg"),
    "LIST_ENTRY_DUPLICATE": listed("images/train/a.jpg"),
    "LIST_ENTRY_UNLOADABLE": listed("data.yaml"),
    "LICENCE_MISSING": Broken(lambda m: m),
    "SECRET": Broken(lambda m: m.put("README.md", f"ul_{'0f' * 20}")),
}

OWNERS: dict[Kind, str] = {
    **{kind: rule.id for rule in RULES for kind in rule.cases},
    Kind.LICENCE_MISSING: "X953",  # has no case, since the former check said nothing of it
    Kind.SPLIT_NO_IMAGE_LEFT: "L302",  # today each label says itself why its image is dropped
    Kind.CLASS_COUNT_DIFFERS: "C533",  # and each folder why it counts as none
}
"""The rule that tells each kind in today's judgement."""
FORMER_ONLY = {Kind.SPLIT_LIST_IGNORED, Kind.NAMES_IMAGENET}
"""What only the former check made of sound data: it ignored lists of images and renamed classes."""


@pytest.fixture
def broken(make: Any, draw: Any) -> Callable[[Kind], Any]:
    """The dataset with a defect of this kind, after reading."""

    def build(kind: Kind) -> Any:
        case = BROKEN[kind.name]
        maker = make(case.task)
        maker.small = draw("PNG", (9, 9))
        case.change(maker)
        return maker.read(case.loader)

    return build


def test_there_is_a_broken_set_for_every_kind() -> None:
    assert sorted(BROKEN) == sorted(kind.name for kind in Kind)


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.name)
def test_reading_meets_the_defect(broken: Any, kind: Kind) -> None:
    assert kind in {defect.kind for defect in broken(kind).defects}


def results(dataset: Any, *, former: bool) -> dict[str, RuleResult]:
    """What every rule says, by its id."""
    return {one.rule: one for one in run_rules(View(dataset), map(Selected, RULES), former=former, stored=None)}


def assert_full_sentences(messages: list[str]) -> None:
    for message in messages:
        assert message
        assert "\n" not in message
        assert not re.search(r"[{}]|\bNone\b|  ", message)


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.name)
def test_the_former_judgement_tells_every_defect_once(broken: Any, kind: Kind) -> None:
    dataset = broken(kind)
    facts = [fact for one in results(dataset, former=True).values() for fact in one.facts]
    told = [defect for defect in dataset.defects if defect.kind is not Kind.LICENCE_MISSING]
    assert len(facts) == len(told)
    assert_full_sentences([fact.message for fact in facts])


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.name)
def test_the_owner_of_the_defect_tells_it(broken: Any, kind: Kind) -> None:
    found = results(broken(kind), former=False)
    assert bool(found[OWNERS[kind]].facts) == (kind not in FORMER_ONLY)
    assert not [one for one in found.values() if one.status is Status.CRASHED]
    assert_full_sentences([fact.message for one in found.values() for fact in one.facts])


@pytest.mark.parametrize("task", ["detect", "segment", "pose", "obb", "classify"])
def test_sound_sets_have_no_defect(make: Any, task: str) -> None:
    for loader in Loader:
        assert make(task).kinds(loader) == []
