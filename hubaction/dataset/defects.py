"""What can be wrong with a dataset, as values: reading never raises on bad data, it records a ``Defect``."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Kind(enum.Enum):
    """The kinds of defect that reading and the loaders' rules can meet, by the file in which they lie."""

    # the archive or folder
    ARCHIVE_UNREADABLE = enum.auto()
    ARCHIVE_EMPTY = enum.auto()
    ARCHIVE_TOO_LARGE = enum.auto()
    ENTRY_UNSAFE = enum.auto()
    ENTRY_DUPLICATE = enum.auto()
    ENTRY_SYMLINK = enum.auto()
    ENTRY_ENCRYPTED = enum.auto()
    ENTRY_UNSUPPORTED = enum.auto()
    ENTRY_CONFLICT = enum.auto()
    ENTRY_NAME_TOO_LONG = enum.auto()
    ENTRY_BOMB = enum.auto()
    ENTRY_DAMAGED = enum.auto()
    FILE_UNREADABLE = enum.auto()
    LINK_NOT_FOLLOWED = enum.auto()
    ROOT_NOT_FOLDER = enum.auto()
    CACHE_BREAKS_LOADER = enum.auto()
    CACHE_IGNORED = enum.auto()
    # data.yaml
    YAML_MISSING = enum.auto()
    YAML_AMBIGUOUS = enum.auto()
    YAML_TOO_LARGE = enum.auto()
    YAML_INVALID = enum.auto()
    YAML_NOT_UTF8 = enum.auto()
    SPLIT_KEY_MISSING = enum.auto()
    VALIDATION_RENAMED = enum.auto()
    SPLIT_TYPE = enum.auto()
    SPLIT_MISSING = enum.auto()
    SPLIT_EMPTY = enum.auto()
    SPLIT_ONLY_HIDDEN = enum.auto()
    SPLIT_LIST_IGNORED = enum.auto()
    VAL_PATH_MISSING = enum.auto()
    TEST_MISSING = enum.auto()
    LIST_ENTRY_MISSING = enum.auto()
    NAMES_INVALID = enum.auto()
    NAMES_KEYS_ODD = enum.auto()
    NAMES_GENERATED = enum.auto()
    NAMES_IMAGENET = enum.auto()
    KPT_SHAPE = enum.auto()
    FLIP_IDX = enum.auto()
    FLIP_IDX_MISSING = enum.auto()
    # labels
    LABEL_ENCODING = enum.auto()
    LABEL_TOO_LARGE = enum.auto()
    TOKEN_NOT_NUMBER = enum.auto()
    VALUE_NOT_FINITE = enum.auto()
    COLUMN_COUNT = enum.auto()
    POLYGON_COLUMNS = enum.auto()
    NOT_NORMALISED = enum.auto()
    NEGATIVE_VALUE = enum.auto()
    CLASS_NEGATIVE = enum.auto()
    CLASS_TOO_LARGE = enum.auto()
    ROW_DUPLICATE = enum.auto()
    BOX_AMONG_POLYGONS = enum.auto()
    KINDS_MIXED = enum.auto()
    POLYGONS_DISCARDED = enum.auto()
    LABEL_MISSING = enum.auto()
    LABEL_IS_FOLDER = enum.auto()
    SPLIT_UNLABELLED = enum.auto()
    SPLIT_ALL_BACKGROUND = enum.auto()
    # images
    IMAGE_UNREADABLE = enum.auto()
    IMAGE_DAMAGED = enum.auto()
    IMAGE_FORMAT = enum.auto()
    IMAGE_TOO_SMALL = enum.auto()
    IMAGE_TOO_LARGE = enum.auto()
    IMAGE_REWRITTEN = enum.auto()
    LFS_POINTER = enum.auto()
    SPLIT_NO_IMAGE_LEFT = enum.auto()
    # classification
    TRAIN_FOLDER_MISSING = enum.auto()
    RANDOM_SPLIT = enum.auto()
    NO_TRAINING_IMAGE = enum.auto()
    NO_CLASS_FOLDER = enum.auto()
    CLASS_FOLDER_EMPTY = enum.auto()
    CLASS_COUNT_DIFFERS = enum.auto()
    CLASS_ORDER_SHIFTS = enum.auto()
    # the archive or folder, what only today's rules look at
    ENTRY_SPECIAL = enum.auto()
    ARCHIVE_PREFIXED = enum.auto()
    FOLDER_IS_LINK = enum.auto()
    OS_JUNK = enum.auto()
    # data.yaml and image lists, likewise
    YAML_ONLY_YML = enum.auto()
    YAML_BOM = enum.auto()
    YAML_KEY_CONFLICT = enum.auto()
    YAML_KEY_REPEATED = enum.auto()
    SPLIT_VALUE_EMPTY = enum.auto()
    SPLIT_ELSEWHERE = enum.auto()
    LIST_NOT_PORTABLE = enum.auto()
    LIST_ENTRY_BLANK = enum.auto()
    LIST_ENTRY_DUPLICATE = enum.auto()
    LIST_ENTRY_UNLOADABLE = enum.auto()
    # texts beside the data
    LICENCE_MISSING = enum.auto()
    SECRET = enum.auto()


Detail = str | int | float


def shown(value: object, most: int = 60) -> str:
    """A value from a dataset as Python writes it, for a sentence; cut where it is long."""
    try:
        text = repr(value)
    except ValueError:  # an int of more than 4,300 digits
        return "a number of thousands of digits"
    return text if len(text) <= most else f"{text[: most - 1]}…"


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect with its place (path relative to the dataset root; 1-based line and column) and the values to tell."""

    kind: Kind
    path: str = ""
    line: int | None = None
    column: int | None = None
    split: str | None = None
    detail: dict[str, Detail] = field(default_factory=dict)
