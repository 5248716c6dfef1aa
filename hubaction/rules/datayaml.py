"""Family Y: data.yaml, its splits and keypoints; class names have a module of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hubaction.dataset.defects import Defect, Kind
from hubaction.report.finding import Consequence, Severity
from hubaction.rules import names
from hubaction.rules.engine import message_of
from hubaction.rules.names import line_of
from hubaction.rules.rule import ALL_TASKS, Case, Need, Options, Repair, Rule

if TYPE_CHECKING:
    from hubaction.dataset.datayaml import DataYaml
    from hubaction.rules.collector import Collector
    from hubaction.rules.view import View

_SPLITS = ("train", "val", "test")
_VAL_FOLDERS = ("val", "validation", "valid")
_ARCHIVE_URL = re.compile(r"https?://\S+\.(?:zip|tar|gz|tgz|xz|bz2|txz|tbz2)", re.IGNORECASE)
_ABSOLUTE = re.compile(r"/|[A-Za-z]:")

_SPLIT_CASES = {
    Kind.SPLIT_MISSING: Case(Consequence.HARMS, "'{split}' points to {value}, which is not in the dataset{hint}"),
    Kind.VAL_PATH_MISSING: Case(Consequence.REJECTS, "'{split}' points to {value}, which is not in the dataset{hint}"),
    Kind.TEST_MISSING: Case(
        Consequence.DOUBTFUL, "'{split}' points to {value}, where there is no image{hint}", Severity.WARNING
    ),
    Kind.SPLIT_EMPTY: Case(Consequence.HARMS, "there is no image in {value}"),
    Kind.SPLIT_ONLY_HIDDEN: Case(Consequence.REJECTS, "all images in {value} are hidden"),
    Kind.SPLIT_LIST_IGNORED: Case(
        Consequence.HARMS, "'{split}' is a list of images ({value}), which the former check ignores"
    ),
    Kind.SPLIT_ELSEWHERE: Case(
        Consequence.HARMS,
        "'{split}' points to {value}, outside of the dataset; nothing there is checked",
        Severity.WARNING,
    ),
    Kind.TRAIN_FOLDER_MISSING: Case(Consequence.REJECTS, "nothing to train on: {reason}"),
    Kind.RANDOM_SPLIT: Case(
        Consequence.HARMS,
        "no folder 'train'; the former check would split the {images} files of {classes} folders at random",
    ),
    Kind.NO_TRAINING_IMAGE: Case(Consequence.REJECTS, "there is no image in {value}", Severity.ERROR),
}
_OUTCOME = {"train": "; training cannot start", "val": "; training stops, or validates on nothing"}
_JUDGED_BY_SPLIT = (Kind.SPLIT_MISSING, Kind.VAL_PATH_MISSING, Kind.SPLIT_EMPTY, Kind.SPLIT_ONLY_HIDDEN)


def _read(view: View, out: Collector) -> DataYaml | None:
    """data.yaml where there is one to judge; else the reason is noted."""
    if view.data is not None and view.data.loaded:
        return view.data
    out.not_run = "data.yaml cannot be read"
    return None


def _yaml_invalid(view: View, _: Options, out: Collector) -> None:
    data = view.data
    if data is None or not data.loaded:
        return
    path, flip = data.values.get("path"), data.values.get("flip_idx")
    if path is not None and not isinstance(path, str):
        out.add(Severity.ERROR, f"'path' must be text, not {path!r:.40}; recent loaders stop", **_at(data, "path"))
    if view.task != "pose" and flip is not None and not isinstance(flip, list):
        out.add(
            Severity.ERROR, f"'flip_idx' must be a list, not {flip!r:.40}; recent loaders stop", **_at(data, "flip_idx")
        )


def _at(data: DataYaml, *keys: Any) -> dict[str, Any]:
    """Where a key stands, and what identifies a finding about it."""
    return {"path": data.path, "line": line_of(data, *keys), "key": " ".join(map(str, keys))[:80]}


def _split_path_missing(view: View, _: Options, out: Collector) -> None:
    for defect in view.defects_of(*_JUDGED_BY_SPLIT, Kind.TRAIN_FOLDER_MISSING, Kind.RANDOM_SPLIT):
        level = Severity.WARNING if defect.split == "test" else Severity.ERROR
        message = _about_split(view, defect)
        out.add(level, message, defect.path, line=defect.line, column=defect.column, split=defect.split)
    if view.tree is not None and view.tree.splits and "train" in view.folders:
        _check_val_folders(view, out)


def _about_split(view: View, defect: Defect) -> str:
    if view.tree is None:
        return message_of(_SPLIT_CASES[defect.kind], defect) + _OUTCOME.get(defect.split or "", "")
    if defect.kind is Kind.SPLIT_MISSING:
        return f"there is no folder 'val', so training has nothing to validate on{_near_folder(view, 'val')}"
    if defect.kind is Kind.RANDOM_SPLIT:
        return "there is no folder 'train'; loaders make one of files chosen at random, or stop"
    near = _near_folder(view, "train") if defect.kind is Kind.TRAIN_FOLDER_MISSING else ""
    return message_of(_SPLIT_CASES[defect.kind], defect) + near + _OUTCOME.get(defect.split or "", "")


def _near_folder(view: View, name: str) -> str:
    """A hint where a top folder's name differs in case or ending alone."""
    close = sorted(f for f in view.folders if "/" not in f and f.strip().casefold().startswith(name) and f != name)
    return f" (did you mean {close[0]}?)" if close else ""


def _check_val_folders(view: View, out: Collector) -> None:
    found = [name for name in _VAL_FOLDERS if name in view.folders]
    if not found and "test" in view.folders:
        message = "there is 'test' but no 'val'; training then validates on the test images"
        out.add(Severity.WARNING, message, "test", key="test for val")
    for name in found[1:]:
        out.add(Severity.WARNING, f"there is '{found[0]}' as well; this folder is ignored", name, key="ignored")


def _paths(data: DataYaml) -> Iterator[tuple[str, tuple[Any, ...], str]]:
    """Every path in data.yaml: what to call it, its key path, and its text."""
    for key in ("path", *_SPLITS):
        value = data.values.get(key)
        items = enumerate(value) if isinstance(value, list) else ()
        yield from ((f"'{key}'", (key, index), one) for index, one in items if isinstance(one, str))
        if isinstance(value, str):
            yield f"'{key}'", (key,), value


def _path_relative_to_cwd(view: View, _: Options, out: Collector) -> None:
    data = _read(view, out)
    path = data.values.get("path") if data else None
    if data is None or not isinstance(path, str) or not path.strip() or _ABSOLUTE.match(path) or path.startswith("~"):
        return
    message = f"'path' is {path!r:.60}: sought where training is started, then in the datasets folder, never here"
    out.add(Severity.WARNING, message, **_at(data, "path"))


def _path_not_portable(view: View, _: Options, out: Collector) -> None:
    data = _read(view, out)
    for who, keys, text in _paths(data) if data else ():
        if data and (why := _why_bound(text)):
            out.add(Severity.WARNING, f"{who} is {text!r:.60}, {why}", **_at(data, *keys))


def _why_bound(path: str) -> str:
    """Why a path means something on one machine only; '' where it does not."""
    if path.startswith("~"):
        return "a home folder, which loaders do not expand in splits and which is another one elsewhere"
    if _ABSOLUTE.match(path):
        return "an absolute path, which exists on one machine only"
    return "with backslashes, which only Windows takes for folders" if "\\" in path else ""


def _download_executes_code(view: View, _: Options, out: Collector) -> None:
    data = _read(view, out)
    value = data.values.get("download") if data else None
    if data is None or value is None or (isinstance(value, str) and not value.strip()):
        return
    if not isinstance(value, str):
        message = f"'download' is a {type(value).__name__}, not one URL; loaders stop at it or execute it"
    elif _ARCHIVE_URL.fullmatch(value.strip()):
        return
    elif value.lstrip().startswith("bash "):
        message = "'download' is a bash command, which training executes as soon as val is missing"
    else:
        message = "'download' is no URL of an archive: training executes its text as Python when val is missing"
    out.add(Severity.ERROR, message, **_at(data, "download"))


def _split_overlap(view: View, _: Options, out: Collector) -> None:
    train = set(view.splits["train"].images) if "train" in view.splits else set()
    for name in ("val", "test"):
        shared = train.intersection(view.splits[name].images) if name in view.splits else set()
        if shared and view.data is not None:
            message = (
                f"{len(shared):,} of the {len(view.splits[name].images):,} images of '{name}' are in 'train' too, "
                "so its metrics show what was learnt by heart"
            )
            out.add(Severity.ERROR, message, split=name, small=Severity.WARNING, **_at(view.data, name))


def _kpt_shape(view: View, _: Options, out: Collector) -> None:
    data = _read(view, out)
    if data is None or view.task == "pose" or "kpt_shape" not in data.values or view.defects_of(Kind.KPT_SHAPE):
        return
    shape = data.values["kpt_shape"]
    if not isinstance(shape, list) or len(shape) != 2:
        message = f"'kpt_shape' must be a list of two numbers, not {shape!r:.60}; recent loaders stop for every task"
        out.add(Severity.ERROR, message, **_at(data, "kpt_shape"))


def _flip_idx(view: View, _: Options, out: Collector) -> None:
    data = _read(view, out)
    flip = data.values.get("flip_idx") if data else None
    if data is None or not flip or view.defects_of(Kind.FLIP_IDX):
        return
    if problem := _flip_problem(flip):
        out.add(Severity.ERROR, f"'flip_idx' {problem}", **_at(data, "flip_idx"))


def _flip_problem(flip: Any) -> str:
    if not isinstance(flip, list):
        return f"must be a list, not {flip!r:.40}"
    if not all(type(index) is int and 0 <= index < len(flip) for index in flip):
        return f"holds something else than the indexes 0 to {len(flip) - 1}; flipping stops or picks wrong keypoints"
    if len(set(flip)) < len(flip):
        return "names a keypoint twice; a flipped image loses the other one"
    odd = next((index for index, mirror in enumerate(flip) if flip[mirror] != index), None)
    if odd is not None:
        return f"sends {odd} to {flip[odd]} but {flip[odd]} to {flip[flip[odd]]}; flipping twice must change nothing"
    return ""


_FIRST = (
    Rule(
        id="Y201",
        name="yaml-invalid",
        tasks="dspo",
        needs=(Need.YAML,),
        what="data.yaml cannot be read as a mapping of plain values, or a key has the wrong type or appears twice.",
        why="The loader stops, silently drops the characters that it cannot read, or takes the last of two values.",
        fix="Correct the line; save the file as UTF-8 without a byte order mark; indent with blanks.",
        bad="train: 5",
        good="train: images/train",
        source="100,000 values are four times what the Platform's 25,000 classes need",
        repair=Repair.SAFE,
        cases={
            Kind.YAML_INVALID: Case(
                Consequence.REJECTS, "not a valid data.yaml: {reason}; the loader stops", Severity.ERROR
            ),
            Kind.YAML_TOO_LARGE: Case(Consequence.UNREADABLE, "data.yaml was not read: {reason}", Severity.ERROR),
            Kind.YAML_NOT_UTF8: Case(
                Consequence.HARMS, "not UTF-8; the loader drops the bytes that it cannot decode", Severity.ERROR
            ),
            Kind.SPLIT_TYPE: Case(
                Consequence.REJECTS, "'{split}' must be a path, not {value}; the loader stops", Severity.ERROR
            ),
            Kind.YAML_KEY_CONFLICT: Case(
                Consequence.HARMS,
                "the key '{key:.60}' stands in line {earlier} already, with another value; the last one wins silently",
                Severity.ERROR,
            ),
            Kind.YAML_KEY_REPEATED: Case(
                Consequence.DOUBTFUL,
                "the key '{key:.60}' stands in line {earlier} already, with the same value",
                Severity.WARNING,
            ),
            Kind.YAML_BOM: Case(
                Consequence.NOTE, "starts with a byte order mark, which some readers trip over", Severity.NOTE
            ),
        },
        check=_yaml_invalid,
    ),
    Rule(
        id="Y202",
        name="split-key-missing",
        tasks="dspo",
        needs=(Need.YAML,),
        what="data.yaml lacks 'train' or 'val', or gives it no value.",
        why="Without both the loader stops; of other spellings it knows only 'validation'.",
        fix="Add the key with the folder of its images.",
        bad="valid: images/val",
        good="val: images/val",
        repair=Repair.SAFE,
        cases={
            Kind.SPLIT_KEY_MISSING: Case(
                Consequence.REJECTS, "the key '{key}' is missing{near}; the loader stops", Severity.ERROR
            ),
            Kind.SPLIT_VALUE_EMPTY: Case(
                Consequence.HARMS, "'{split}' has no value, so there is nothing to read for it", Severity.ERROR
            ),
            Kind.VALIDATION_RENAMED: Case(
                Consequence.CHANGES, "'validation' is taken for 'val', by loaders that know it", Severity.WARNING
            ),
        },
    ),
    Rule(
        id="Y203",
        name="split-path-missing",
        tasks=ALL_TASKS,
        needs=(Need.YAML, Need.LISTING),
        what="A split's folder does not exist in the dataset or holds no image.",
        why="Training stops or goes on without the split; the former check reported success without it.",
        fix="Correct the path: it is relative to data.yaml, and case matters. Class folders lie in train/ and val/.",
        bad="train: Images/Train",
        good="train: images/train",
        cases=_SPLIT_CASES,
        check=_split_path_missing,
    ),
    Rule(
        id="Y204",
        name="path-relative-to-cwd",
        tasks="dspo",
        needs=(Need.YAML,),
        what="'path' is a relative path.",
        why="The loader seeks it below the working directory, then below its datasets folder, never beside data.yaml.",
        fix="Delete the key when it means the folder of data.yaml itself.",
        bad="path: coco8",
        good="path:",
        source="ul#628, ul#2221, ul#6915, ul#18323",
        repair=Repair.SAFE,
        check=_path_relative_to_cwd,
    ),
    Rule(
        id="Y205",
        name="path-not-portable",
        tasks="dspo",
        needs=(Need.YAML,),
        what="A path in data.yaml or an image list is absolute, has a drive letter, '~' or backslashes.",
        why="It exists on the machine where it was written; anywhere else the split is missing.",
        fix="Write paths relative to data.yaml, with forward slashes.",
        bad="train: C:\\data\\images\\train",
        good="train: images/train",
        repair=Repair.UNSAFE,
        cases={
            Kind.LIST_NOT_PORTABLE: Case(
                Consequence.DOUBTFUL,
                "absolute paths, drive letters, '~' or backslashes in {rows:,} lines: they exist on one machine only",
                Severity.WARNING,
            )
        },
        check=_path_not_portable,
    ),
)

_LAST = (
    Rule(
        id="Y209",
        name="download-executes-code",
        tasks="dspo",
        needs=(Need.YAML,),
        what="'download' is something else than the URL of one archive.",
        why="Training executes it with exec() or bash as soon as the val folder is missing.",
        fix="Remove the key, or give the http(s) URL of one archive.",
        bad="download: bash get_data.sh",
        good="download: https://example.com/set.zip",
        source="archive suffixes .zip .tar .gz .tgz .xz .bz2 .txz .tbz2",
        repair=Repair.UNSAFE,
        check=_download_executes_code,
    ),
    Rule(
        id="Y210",
        name="split-overlap",
        tasks="dspo",
        needs=(Need.YAML, Need.LISTING),
        what="'train' and 'val' or 'test' hold the same images, by one folder, nested folders or shared lists.",
        why="The model is judged by what it was trained on, so its metrics are far too good.",
        fix="Give each split images of its own.",
        bad="val: images/train",
        good="val: images/val",
        source="a warning below 200 images, since official demo sets train and validate on one folder",
        check=_split_overlap,
    ),
    Rule(
        id="Y211",
        name="kpt-shape",
        tasks="dspo",
        needs=(Need.YAML,),
        what="'kpt_shape' is not [number of keypoints, 2 or 3].",
        why="Without it pose labels cannot be read; a malformed one stops the loader for every task.",
        fix="Write for example 'kpt_shape: [17, 3]'; outside pose, delete the key.",
        bad="kpt_shape: [17, 4]",
        good="kpt_shape: [17, 3]",
        cases={Kind.KPT_SHAPE: Case(Consequence.REJECTS, "'kpt_shape': {reason}; the loader stops", Severity.ERROR)},
        check=_kpt_shape,
    ),
    Rule(
        id="Y212",
        name="flip-idx",
        tasks="p",
        needs=(Need.YAML,),
        what="'flip_idx' does not pair the keypoints with their mirror images.",
        why="A wrong length stops the loader, wrong pairs teach left for right; without the key nothing is flipped.",
        fix="Give for each keypoint the index of its mirror image.",
        bad="flip_idx: [1, 2, 0]",
        good="flip_idx: [0, 2, 1]",
        cases={
            Kind.FLIP_IDX: Case(Consequence.REJECTS, "'flip_idx': {reason}; the loader stops", Severity.ERROR),
            Kind.FLIP_IDX_MISSING: Case(
                Consequence.CHANGES, "no 'flip_idx': training does without left-right flips", Severity.WARNING
            ),
        },
        check=_flip_idx,
    ),
)

RULES = (*_FIRST, *names.RULES, *_LAST)
