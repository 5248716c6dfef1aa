"""Family A: the archive or folder as a container."""

from __future__ import annotations

from collections import Counter

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence, Severity
from hubaction.rules.collector import Collector
from hubaction.rules.engine import message_of
from hubaction.rules.filenames import LONGEST_PATH, is_os_junk, name_not_portable, os_junk, starts_with_drive
from hubaction.rules.rule import ALL_TASKS, Case, Need, Option, Options, Repair, Rule
from hubaction.rules.view import View

_METHODS = {0: "stored", 8: "deflated", 12: "bzip2", 14: "LZMA"}
_PLAIN_METHODS = {0, 8}
_MUST_BE_READ = tuple(
    f".{suffix}" for suffix in "avif bmp dng heic heif jp2 jpeg jpg mpo png tif tiff webp txt yaml yml".split()
)


def _zip_root(view: View, _: Options, out: Collector) -> None:
    if not view.is_archive or not view.files:
        return
    if view.defects_of(Kind.ENTRY_UNSAFE):
        out.not_run = "entries outside of the dataset hide which folder is the top one"
    elif deeper := _lies_deeper(view):
        what = "data.yaml lies" if view.data else "the class folders lie"
        message = f"{what} in {deeper}, below the archive's top folder; not every loader looks there"
        out.add(Severity.WARNING, message, deeper, key="deeper")
    elif not _has_top_folder(view):
        message = "the archive has no single top folder; the web upload of Ultralytics HUB asked for one"
        out.add(Severity.NOTE, message, key="top")
    elif view.top != view.stem:
        message = f"the top folder is called {view.top}, the archive {view.stem}; HUB's web upload asked for one name"
        out.add(Severity.NOTE, message, key="name")


def _lies_deeper(view: View) -> str:
    """The folder with data.yaml, or with the only ``train``, where that is not the root; else ''."""
    if view.data is not None:
        return view.data.folder
    if view.task != "classify" or "train" in view.folders:
        return ""
    found = [path for path in view.folders if path.endswith("/train") and not is_os_junk(path)]
    inside = found[0].removesuffix("train") if len(found) == 1 else ""
    return inside.rstrip("/") if inside and all(path.startswith(inside) for path in view.files) else ""


def _has_top_folder(view: View) -> bool:
    """Whether the names in the archive have a part that the paths in the dataset have not."""
    path = next(iter(view.files))
    parts = [part for part in view.stored_name(path).split(b"/") if part not in {b"", b"."}]
    return len(parts) > path.count("/") + 1


def _zip_backslash(view: View, _: Options, out: Collector) -> None:
    if not view.is_archive or "\\" not in "".join(view.files):
        return
    odd = [path for path in view.files if "\\" in path and not is_os_junk(path)]
    if odd:
        message = (
            f"{len(odd):,} of {len(view.files):,} names hold a backslash, which Linux takes for part of the file name"
        )
        out.add(Severity.ERROR, message, odd[0], key="backslash")


def _zip_unsafe_entry(view: View, _: Options, out: Collector) -> None:
    for path in _perhaps_on_drives(view):
        name = view.stored_name(path).decode("utf-8", "replace")
        if starts_with_drive(name):
            out.add(Severity.ERROR, f"its name starts with the drive {name[:2]}, so Windows unpacks it elsewhere", path)
    for defect in view.defects_of(Kind.FOLDER_IS_LINK):
        inside = [split.name for split in view.splits.values() if _any_below(defect.path, split.images)]
        if inside:
            message = f"the images of {' and '.join(inside)} lie behind a link to {defect.detail['target']}"
            out.add(Severity.WARNING, f"{message}; the loader looks for their labels beside its target", defect.path)


def _perhaps_on_drives(view: View) -> list[str]:
    if not view.is_archive:
        return []
    return list(view.files) if view.top[1:2] == ":" else [path for path in view.files if path[1:2] == ":"]


def _any_below(folder: str, paths: list[str]) -> bool:
    return any(path.startswith(f"{folder}/") for path in paths)


def _zip_damaged_or_bomb(view: View, _: Options, out: Collector) -> None:
    case = next(rule for rule in RULES if rule.id == "A106").cases[Kind.ENTRY_BOMB]
    for defect in view.defects_of(Kind.ENTRY_BOMB):
        level = Severity.ERROR if defect.path.lower().endswith(_MUST_BE_READ) else Severity.WARNING
        out.add(level, message_of(case, defect), defect.path, key="bomb")
    methods = Counter(member.method for member in view.files.values())
    for method in sorted(methods.keys() - _PLAIN_METHODS):
        message = f"{methods[method]:,} entries are compressed with {_METHODS.get(method, f'method {method}')}"
        out.add(Severity.WARNING, f"{message}, which many unpackers cannot read", key=str(method))


def _lfs_pointer(view: View, _: Options, out: Collector) -> None:
    pointers = view.defects_of(Kind.LFS_POINTER)
    if not pointers:
        return
    files = len({defect.path for defect in pointers})
    message = f"Git LFS pointers in place of images: {files:,}; every one of them is dropped"
    out.add(Severity.ERROR, message, pointers[0].path, split=pointers[0].split, key="lfs")


def _stale_cache(view: View, _: Options, out: Collector) -> None:
    for path in sorted(path for path in view.files if path.endswith(".cache") and not is_os_junk(path)):
        out.add(Severity.NOTE, "a shipped label cache: a pickle that older loaders execute and that goes stale", path)


RULES = (
    Rule(
        id="A101",
        name="yaml-missing",
        tasks="dspo",
        needs=(Need.LISTING,),
        what="There is no data.yaml, so nothing says where the images are and what the classes are called.",
        why="The loader looks for *.yaml in the root folder, else at any depth; only recent ones then take *.yml.",
        fix="Put a data.yaml with 'train', 'val' and 'names' into the top folder; for class folders use task classify.",
        bad="set/dataset.yalm",
        good="set/data.yaml",
        repair=Repair.UNSAFE,
        cases={
            Kind.YAML_MISSING: Case(Consequence.UNREADABLE, "no data.yaml found ({found})", Severity.ERROR),
            Kind.YAML_ONLY_YML: Case(
                Consequence.DOUBTFUL, "called .yml, which loaders up to 8.4.114 do not find", Severity.WARNING
            ),
        },
    ),
    Rule(
        id="A102",
        name="yaml-ambiguous",
        tasks="dspo",
        needs=(Need.LISTING,),
        what="Several YAML files could be the dataset's data.yaml.",
        why="The loader takes one only if exactly one of them is named like the top folder; otherwise it stops.",
        fix="Keep one YAML file in the top folder, or give the path of the right one.",
        bad="set/data.yaml and set/old.yaml",
        good="set/data.yaml and set/old/data.yaml",
        cases={Kind.YAML_AMBIGUOUS: Case(Consequence.REJECTS, "more than one candidate: {found}", Severity.ERROR)},
    ),
    Rule(
        id="A103",
        name="zip-root",
        tasks=ALL_TASKS,
        needs=(Need.LISTING,),
        what="The archive does not hold exactly one folder, named like itself, with the dataset directly in it.",
        why=(
            "Loaders cope with a missing or oddly named top folder, HUB's web upload did not; a dataset that lies "
            "deeper is found by some only, a single file by none."
        ),
        fix="Zip the dataset's folder itself: set.zip with set/data.yaml in it.",
        bad="set.zip: set/set/data.yaml",
        good="set.zip: set/data.yaml",
        source="two of the five official examples have no top folder and work everywhere, so this is no error",
        repair=Repair.SAFE,
        cases={
            Kind.ROOT_NOT_FOLDER: Case(Consequence.UNREADABLE, "the only top-level entry is a file", Severity.ERROR)
        },
        check=_zip_root,
    ),
    Rule(
        id="A104",
        name="zip-backslash",
        tasks=ALL_TASKS,
        needs=(Need.LISTING,),
        what="Names in the archive use backslashes between folders.",
        why="Unpacked on Linux, they become part of the file names, and no folder of images or labels exists.",
        fix="Make the archive with a tool that writes forward slashes, as the zip format demands.",
        bad="set\\images\\train\\a.jpg",
        good="set/images/train/a.jpg",
        source="PKWARE APPNOTE 4.4.17.1: all slashes must be forward slashes",
        repair=Repair.SAFE,
        check=_zip_backslash,
    ),
    Rule(
        id="A105",
        name="zip-unsafe-entry",
        tasks=ALL_TASKS,
        needs=(Need.LISTING,),
        what="An entry is unsafe to unpack or cannot be unpacked faithfully.",
        why="Such entries leave the folder, hide other files or turn into something else when unpacked.",
        fix="Build the archive anew from plain files, without links, absolute names, '..' and repeated names.",
        bad="../../home/user/.bashrc",
        good="set/images/train/a.jpg",
        cases={
            Kind.ENTRY_UNSAFE: Case(
                Consequence.CHANGES, "its name leaves the dataset's folder; it is never unpacked", Severity.ERROR
            ),
            Kind.ENTRY_DUPLICATE: Case(
                Consequence.DOUBTFUL, "the archive holds this name twice; the last one counts", Severity.ERROR
            ),
            Kind.ENTRY_SYMLINK: Case(
                Consequence.HARMS,
                "it is a symbolic link; unpackers write the link's text in place of the file",
                Severity.ERROR,
            ),
            Kind.ENTRY_SPECIAL: Case(Consequence.HARMS, "it is {reason}, which no unpacker can make", Severity.ERROR),
            Kind.ENTRY_ENCRYPTED: Case(Consequence.REJECTS, "it is encrypted, so nothing can read it", Severity.ERROR),
            Kind.ENTRY_CONFLICT: Case(
                Consequence.REJECTS, "its name is empty, or used for a file and for a folder", Severity.ERROR
            ),
            Kind.LINK_NOT_FOLLOWED: Case(
                Consequence.HARMS,
                "a link to {target} that leaves the dataset or leads nowhere; it is not followed",
                Severity.ERROR,
            ),
            Kind.FOLDER_IS_LINK: Case(Consequence.DOUBTFUL, "a link to {target}; it is followed"),
        },
        check=_zip_unsafe_entry,
    ),
    Rule(
        id="A106",
        name="zip-damaged-or-bomb",
        tasks=ALL_TASKS,
        needs=(Need.LISTING,),
        what="The archive, or a file in it, is damaged, empty or would unpack to an unreasonable size.",
        why="Unpacking stops at the first damaged entry, so no training can start from this archive.",
        fix="Make the archive again, stored or deflated, and compare its size or checksum after the upload.",
        bad="set.zip, 0 bytes",
        good="set.zip for which 'unzip -t set.zip' finds no error",
        source="50 GB is the Platform's limit; photos pack by less than 2:1, label text by less than 20:1",
        cases={
            Kind.ARCHIVE_UNREADABLE: Case(
                Consequence.UNREADABLE, "this is no readable zip archive: {reason}", Severity.ERROR
            ),
            Kind.ARCHIVE_EMPTY: Case(Consequence.UNREADABLE, "the archive holds no file of a dataset", Severity.ERROR),
            Kind.ARCHIVE_TOO_LARGE: Case(
                Consequence.UNREADABLE, "larger than the limits allow: {reason}", Severity.ERROR
            ),
            Kind.ENTRY_DAMAGED: Case(Consequence.REJECTS, "damaged in the archive: {reason}", Severity.ERROR),
            Kind.ENTRY_UNSUPPORTED: Case(Consequence.REJECTS, "cannot be unpacked: {reason}", Severity.ERROR),
            Kind.ENTRY_BOMB: Case(Consequence.HARMS, "looks like a decompression bomb and was not read: {reason}"),
            Kind.FILE_UNREADABLE: Case(Consequence.DROPS, "the file cannot be read: {reason}", Severity.ERROR),
            Kind.ARCHIVE_PREFIXED: Case(
                Consequence.DOUBTFUL,
                "{bytes:,} bytes stand before the first entry; strict unpackers refuse the archive",
                Severity.WARNING,
            ),
        },
        check=_zip_damaged_or_bomb,
    ),
    Rule(
        id="A107",
        name="os-junk",
        tasks=ALL_TASKS,
        needs=(Need.LISTING,),
        what="Files that an operating system or an editor left behind lie in the dataset.",
        why="They are taken for data where nobody looks: a stray YAML file, a stray class, a hundred tiny 'images'.",
        fix="Delete them; on macOS pack with 'zip -X' from the command line.",
        bad="__MACOSX/set/images/train/._a.jpg",
        good="set/images/train/a.jpg",
        repair=Repair.SAFE,
        cases={
            Kind.OS_JUNK: Case(
                Consequence.NOTE, "left behind by macOS ({entries:,} entries); loaders ignore it", Severity.WARNING
            )
        },
        check=os_junk,
    ),
    Rule(
        id="A108",
        name="name-not-portable",
        tasks=ALL_TASKS,
        needs=(Need.LISTING,),
        what="A file name does not work on every system.",
        why="Unpacking or checking the dataset out fails there, or two files become one.",
        fix="Rename the image and its label together.",
        bad="images/train/scan:1.jpg",
        good="images/train/scan-1.jpg",
        source="Windows' naming rules; 255 bytes a part (Linux, macOS), 259 characters a path (Windows)",
        repair=Repair.UNSAFE,
        options={"longest_path": Option(LONGEST_PATH, "characters of a path, from the dataset's root on")},
        cases={
            Kind.ENTRY_NAME_TOO_LONG: Case(
                Consequence.REJECTS,
                "the name is longer than file systems allow (255 bytes a part)",
                Severity.ERROR,
            )
        },
        check=name_not_portable,
    ),
    Rule(
        id="A109",
        name="lfs-pointer",
        tasks=ALL_TASKS,
        needs=(Need.HEADER,),
        what="Git LFS pointers lie where images should be.",
        why="The loader cannot read them and drops the images.",
        fix="Check out with LFS (actions/checkout: 'lfs: true'), or run 'git lfs pull' before packing.",
        bad="a.jpg of 130 bytes that starts 'version https://git-lfs.github.com/spec/v1'",
        good="a.jpg that is a picture",
        cases={
            Kind.LFS_POINTER: Case(Consequence.DROPS, "a Git LFS pointer instead of the image; the image is dropped")
        },
        check=_lfs_pointer,
    ),
    Rule(
        id="A110",
        name="stale-cache",
        tasks=ALL_TASKS,
        needs=(Need.LISTING,),
        what="The dataset ships a label cache (*.cache).",
        why="Caches are pickles: old loaders execute them, and a stale one hides what the labels say today.",
        fix="Delete the *.cache files; the loader makes them anew.",
        bad="labels/train.cache",
        good="labels/train/",
        repair=Repair.SAFE,
        cases={
            Kind.CACHE_BREAKS_LOADER: Case(Consequence.REJECTS, "the former check stops at this cache: {reason}"),
            Kind.CACHE_IGNORED: Case(Consequence.NOTE, "a shipped label cache; it is never loaded here"),
        },
        check=_stale_cache,
    ),
)
