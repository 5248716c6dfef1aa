"""Family Y: data.yaml, its splits, classes and keypoints."""

from __future__ import annotations

from hubaction.dataset.defects import Kind
from hubaction.report.finding import Consequence
from hubaction.rules.rule import Case, Need, Rule

RULES = (
    Rule(
        id="Y201",
        name="yaml-invalid",
        tasks="dspo",
        needs=(Need.YAML,),
        what="data.yaml cannot be read as a mapping of plain values, or a key has the wrong type.",
        why="The loader stops, or silently drops the characters that it cannot read.",
        fix="Correct the line; save the file as UTF-8; indent with blanks.",
        bad="",
        good="",
        cases={
            Kind.YAML_INVALID: Case(Consequence.REJECTS, "not a valid data.yaml: {reason}"),
            Kind.YAML_TOO_LARGE: Case(Consequence.UNREADABLE, "data.yaml was not read: {reason}"),
            Kind.YAML_NOT_UTF8: Case(Consequence.HARMS, "not UTF-8; the loader drops the bytes that it cannot decode"),
            Kind.SPLIT_TYPE: Case(Consequence.REJECTS, "'{split}' must be a path, not {value}"),
        },
    ),
    Rule(
        id="Y202",
        name="split-key-missing",
        tasks="dspo",
        needs=(Need.YAML,),
        what="data.yaml lacks 'train' or 'val'.",
        why="Without both keys the loader stops; of other spellings it knows only 'validation'.",
        fix="Add the key with the folder of its images.",
        bad="",
        good="",
        cases={
            Kind.SPLIT_KEY_MISSING: Case(Consequence.REJECTS, "the key '{key}' is missing"),
            Kind.VALIDATION_RENAMED: Case(Consequence.CHANGES, "'validation' is taken for 'val'"),
        },
    ),
    Rule(
        id="Y203",
        name="split-path-missing",
        tasks="dspo",
        needs=(Need.YAML,),
        what="A split names a folder that does not exist in the dataset or holds no image.",
        why="The former check then reported success without the split; training fails or runs without it.",
        fix="Correct the path: it is relative to data.yaml, and case matters.",
        bad="",
        good="",
        cases={
            Kind.SPLIT_MISSING: Case(
                Consequence.HARMS, "'{split}' points to {value}, which is not in the dataset{hint}"
            ),
            Kind.VAL_PATH_MISSING: Case(
                Consequence.REJECTS, "'{split}' points to {value}, which is not in the dataset{hint}"
            ),
            Kind.TEST_MISSING: Case(Consequence.DOUBTFUL, "'{split}' points to {value}, where there is no image{hint}"),
            Kind.SPLIT_EMPTY: Case(Consequence.HARMS, "there is no image in {value}"),
            Kind.SPLIT_ONLY_HIDDEN: Case(Consequence.REJECTS, "all images in {value} are hidden"),
            Kind.SPLIT_LIST_IGNORED: Case(
                Consequence.HARMS, "'{split}' is a list of images ({value}), which the former check ignores"
            ),
            Kind.TRAIN_FOLDER_MISSING: Case(Consequence.REJECTS, "nothing to train on: {reason}"),
            Kind.RANDOM_SPLIT: Case(
                Consequence.HARMS,
                "no folder 'train'; the former check would split the {images} files of {classes} folders at random",
            ),
            Kind.NO_TRAINING_IMAGE: Case(Consequence.REJECTS, "there is no image in {value}"),
        },
    ),
    Rule(
        id="Y206",
        name="names-invalid",
        tasks="dspo",
        needs=(Need.YAML,),
        what="'names' and 'nc' do not give one name for each class index from 0.",
        why="The loader stops, or class indexes and names no longer belong together.",
        fix="List the names in index order, or number them from 0 without gaps, and drop 'nc'.",
        bad="",
        good="",
        cases={
            Kind.NAMES_INVALID: Case(Consequence.REJECTS, "{reason}"),
            Kind.NAMES_KEYS_ODD: Case(
                Consequence.HARMS, "index {key} is no class index; the loader accepts it all the same"
            ),
            Kind.NAMES_GENERATED: Case(
                Consequence.DOUBTFUL, "no 'names': the classes become class_0, class_1 and so on"
            ),
            Kind.NAMES_IMAGENET: Case(
                Consequence.NOTE,
                "the former check replaces ImageNet codes such as {name} by English names; they are kept here",
            ),
        },
    ),
    Rule(
        id="Y211",
        name="kpt-shape",
        tasks="dspo",
        needs=(Need.YAML,),
        what="'kpt_shape' is not [number of keypoints, 2 or 3].",
        why="Without it pose labels cannot be read; a malformed one stops the loader for every task.",
        fix="Write for example 'kpt_shape: [17, 3]'; outside pose, delete the key.",
        bad="",
        good="",
        cases={Kind.KPT_SHAPE: Case(Consequence.REJECTS, "'kpt_shape': {reason}")},
    ),
    Rule(
        id="Y212",
        name="flip-idx",
        tasks="dspo",
        needs=(Need.YAML,),
        what="'flip_idx' does not match the keypoints.",
        why="The loader stops at a wrong length; without the key it switches left-right flips off.",
        fix="Give for each keypoint the index of its mirror image.",
        bad="",
        good="",
        cases={
            Kind.FLIP_IDX: Case(Consequence.REJECTS, "'flip_idx': {reason}"),
            Kind.FLIP_IDX_MISSING: Case(Consequence.CHANGES, "no 'flip_idx': training does without left-right flips"),
        },
    ),
)
