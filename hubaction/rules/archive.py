"""Family A: the archive or folder as a container."""

from __future__ import annotations

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence
from hubaction.rules.rule import Case, Need, Rule

RULES = (
    Rule(
        id="A101",
        name="yaml-missing",
        tasks="dspoc",
        needs=(Need.LISTING,),
        what="There is no data.yaml, so nothing says where the images are and what the classes are called.",
        why="The loader looks for *.yaml in the root folder, else at any depth, and stops without one.",
        fix="Put a data.yaml with 'train', 'val' and 'names' into the top folder; for class folders use task classify.",
        bad="",
        good="",
        cases={Kind.YAML_MISSING: Case(Consequence.UNREADABLE, "no data.yaml found ({found})")},
    ),
    Rule(
        id="A102",
        name="yaml-ambiguous",
        tasks="dspoc",
        needs=(Need.LISTING,),
        what="Several YAML files could be the dataset's data.yaml.",
        why="The loader takes one only if exactly one of them is named like the top folder; otherwise it stops.",
        fix="Keep one YAML file in the top folder, or give the path of the right one.",
        bad="",
        good="",
        cases={Kind.YAML_AMBIGUOUS: Case(Consequence.REJECTS, "more than one candidate: {found}")},
    ),
    Rule(
        id="A103",
        name="zip-root",
        tasks="dspoc",
        needs=(Need.LISTING,),
        what="The archive's top level is not a dataset folder.",
        why="Unpacked, it leaves no folder in which the loader could look.",
        fix="Zip the dataset's folder, not a single file.",
        bad="",
        good="",
        cases={Kind.ROOT_NOT_FOLDER: Case(Consequence.UNREADABLE, "the only top-level entry is a file")},
    ),
    Rule(
        id="A105",
        name="zip-unsafe-entry",
        tasks="dspoc",
        needs=(Need.LISTING,),
        what="An entry is unsafe to unpack or cannot be unpacked faithfully.",
        why="Such entries leave the folder, hide other files or turn into something else when unpacked.",
        fix="Build the archive anew from plain files, without links, absolute names, '..' and repeated names.",
        bad="",
        good="",
        cases={
            Kind.ENTRY_UNSAFE: Case(Consequence.CHANGES, "its name leaves the dataset's folder; it is never unpacked"),
            Kind.ENTRY_DUPLICATE: Case(Consequence.DOUBTFUL, "the archive holds this name twice; the last one counts"),
            Kind.ENTRY_SYMLINK: Case(
                Consequence.HARMS, "it is a symbolic link; unpackers write the link's text in place of the file"
            ),
            Kind.ENTRY_ENCRYPTED: Case(Consequence.REJECTS, "it is encrypted, so nothing can read it"),
            Kind.ENTRY_CONFLICT: Case(Consequence.REJECTS, "its name is empty, or used for a file and for a folder"),
            Kind.LINK_NOT_FOLLOWED: Case(
                Consequence.HARMS, "a link to {target} that leaves the dataset or leads nowhere; it is not followed"
            ),
        },
    ),
    Rule(
        id="A106",
        name="zip-damaged-or-bomb",
        tasks="dspoc",
        needs=(Need.LISTING,),
        what="The archive, or a file in it, is damaged, empty or would unpack to an unreasonable size.",
        why="Unpacking stops at the first damaged entry, so no training can start from this archive.",
        fix="Make the archive again and compare its size or checksum after the upload.",
        bad="",
        good="",
        cases={
            Kind.ARCHIVE_UNREADABLE: Case(Consequence.UNREADABLE, "this is no readable zip archive: {reason}"),
            Kind.ARCHIVE_EMPTY: Case(Consequence.UNREADABLE, "the archive holds no file of a dataset"),
            Kind.ARCHIVE_TOO_LARGE: Case(Consequence.UNREADABLE, "larger than the limits allow: {reason}"),
            Kind.ENTRY_DAMAGED: Case(Consequence.REJECTS, "damaged in the archive: {reason}"),
            Kind.ENTRY_UNSUPPORTED: Case(Consequence.REJECTS, "cannot be unpacked: {reason}"),
            Kind.ENTRY_BOMB: Case(Consequence.HARMS, "looks like a decompression bomb and was not read: {reason}"),
            Kind.FILE_UNREADABLE: Case(Consequence.DROPS, "the file cannot be read: {reason}"),
        },
    ),
    Rule(
        id="A108",
        name="name-not-portable",
        tasks="dspoc",
        needs=(Need.LISTING,),
        what="A file name does not work on every system.",
        why="Unpacking or checking the dataset out fails where the name is not allowed.",
        fix="Rename the image and its label together.",
        bad="",
        good="",
        cases={
            Kind.ENTRY_NAME_TOO_LONG: Case(
                Consequence.REJECTS, "the name is longer than file systems allow (255 bytes a part)"
            )
        },
    ),
    Rule(
        id="A109",
        name="lfs-pointer",
        tasks="dspoc",
        needs=(Need.LISTING,),
        what="A Git LFS pointer lies where an image should be.",
        why="The loader cannot read it and drops the image.",
        fix="Check out with LFS (actions/checkout: 'lfs: true'), or run 'git lfs pull' before packing.",
        bad="",
        good="",
        cases={
            Kind.LFS_POINTER: Case(Consequence.DROPS, "a Git LFS pointer instead of the image; the image is dropped")
        },
    ),
    Rule(
        id="A110",
        name="stale-cache",
        tasks="dspoc",
        needs=(Need.LISTING,),
        what="The dataset ships a label cache (*.cache).",
        why="Caches are pickles: old loaders execute them, and a stale one hides what the labels say today.",
        fix="Delete the *.cache files; the loader makes them anew.",
        bad="",
        good="",
        cases={
            Kind.CACHE_BREAKS_LOADER: Case(Consequence.REJECTS, "the former check stops at this cache: {reason}"),
            Kind.CACHE_IGNORED: Case(Consequence.NOTE, "a shipped label cache; it is never loaded here"),
        },
    ),
)
