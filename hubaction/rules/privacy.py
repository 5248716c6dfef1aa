"""Family X: privacy, licence, size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence, Severity
from hubaction.rules.rule import ALL_TASKS, Case, Need, Option, Options, Repair, Rule

if TYPE_CHECKING:
    from hubaction.rules.collector import Collector
    from hubaction.rules.view import View

_LICENCE_KEYS = ("license", "licence")
_LICENCE_FILES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "LICENCE.md", "LICENCE.txt")


def _exif_gps(view: View, _: Options, out: Collector) -> None:
    for split in view.splits.values():
        for image, facts in zip(split.images, split.facts, strict=True):
            if facts.has_gps:
                message = "its EXIF data says where the picture was taken; whoever gets the dataset can read it"
                out.add(Severity.WARNING, message, image, split=split.name)


def _licence_missing(view: View, _: Options, out: Collector) -> None:
    if not view.defects_of(Kind.LICENCE_MISSING) or _yaml_states_licence(view):
        return
    message = "nothing says under which licence the data may be used: no LICENSE file, no word in README or YAML"
    out.add(Severity.NOTE, message, key="licence")


def _yaml_states_licence(view: View) -> bool:
    """Whether data.yaml, wherever it lies, names a licence (Roboflow's exports do under ``roboflow:``)."""
    if view.data is None:
        return False
    values, roboflow = view.data.values, view.data.values.get("roboflow")
    stated = [values.get(key) for key in _LICENCE_KEYS]
    stated += [roboflow.get(key) for key in _LICENCE_KEYS] if isinstance(roboflow, dict) else []
    beside = f"{view.data.folder}/" if view.data.folder else ""
    return any(stated) or any(f"{beside}{name}" in view.files for name in _LICENCE_FILES)


RULES: tuple[Rule, ...] = (
    Rule(
        id="X951",
        name="exif-gps",
        tasks=ALL_TASKS,
        needs=(Need.HEADER,),
        what="A picture carries the coordinates of the place where it was taken.",
        why="Training does not use them, but publishing the dataset publishes homes and workplaces.",
        fix="Remove the GPS block; the picture's own data stays as it is.",
        bad="a.jpg with EXIF GPSLatitude and GPSLongitude",
        good="a.jpg without a GPS block",
        repair=Repair.SAFE,
        check=_exif_gps,
    ),
    Rule(
        id="X953",
        name="licence-missing",
        tasks=ALL_TASKS,
        needs=(Need.LISTING,),
        what="The dataset does not say under which licence it may be used.",
        why="Nobody may rely on using a model that was trained on it.",
        fix="Add a LICENSE file, a licence section in README, or 'license' in data.yaml.",
        bad="set/data.yaml and set/images alone",
        good="set/LICENSE",
        check=_licence_missing,
    ),
    Rule(
        id="X954",
        name="large-file",
        tasks=ALL_TASKS,
        needs=(Need.LISTING, Need.BASE),
        what="A file that the pull request adds or changes is large for a git repository.",
        why="Every clone carries it for ever; beyond 100 MB GitHub refuses the push.",
        fix="Keep it in Git LFS or outside the repository.",
        bad="set.zip of 180 MB in git",
        good="set.zip of 180 MB in Git LFS",
        source="10 MB: a warning as of pre-commit's check-added-large-files; 100 MB: GitHub's limit",
        options={
            "warn_megabytes": Option(10, "size in megabytes above which a changed file is doubtful"),
            "most_megabytes": Option(100, "size in megabytes above which a changed file cannot be pushed"),
        },
        later="needs the base branch, which is not read yet",
    ),
    Rule(
        id="X955",
        name="secret",
        tasks=ALL_TASKS,
        needs=(Need.LISTING, Need.YAML),
        what="A YAML, README or list file holds a key, a password or an address with one in it.",
        why="Whoever gets the dataset can act in its owner's name; training has no use for it.",
        fix="Revoke the key first, then remove it from the file and from the history.",
        bad="api_key: (a value)",
        good="download: https://example.com/set.zip",
        cases={
            Kind.SECRET: Case(
                Consequence.HARMS,
                "{what} stands here for everyone to use; its value is not repeated in this report",
                Severity.ERROR,
            )
        },
    ),
)
