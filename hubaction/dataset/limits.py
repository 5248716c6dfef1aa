"""Bounds on what a dataset may ask of us. All can be set; none is reached by a sound dataset."""

from __future__ import annotations

import enum
from dataclasses import dataclass

MIB = 1 << 20


class Depth(enum.Enum):
    """How deep to look into images: not at all, at their headers, or at every pixel. Labels are always read."""

    OFF = "off"
    HEADER = "header"
    DECODE = "decode"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in bytes or counts.

    Attributes:
        max_members: entries in an archive or files in a folder. A folder of ten million files is no pull request.
        max_total_bytes: declared size of all members together; 50 GB is the largest archive that the Platform takes.
        max_ratio: unpacked : packed size above which a member of more than ``ratio_floor`` bytes is taken for a bomb.
            Deflate cannot exceed 1032:1; photos stay below 2, label text below 20.
        ratio_floor: members up to this size are never called bombs (10 MiB, rules A106).
        max_yaml_bytes: data.yaml; 25,000 class names (the Platform's limit) need about 1 MiB.
        max_yaml_nodes: values in data.yaml after aliases are expanded (rule Y201).
        max_label_bytes: one label file; 100,000 boxes need about 4 MiB.
        max_image_bytes: one image; the Platform's limit is 50 MB.
    """

    max_members: int = 10_000_000
    max_total_bytes: int = 50_000_000_000
    max_ratio: int = 100
    ratio_floor: int = 10 * MIB
    max_yaml_bytes: int = 4 * MIB
    max_yaml_nodes: int = 100_000
    max_label_bytes: int = 16 * MIB
    max_image_bytes: int = 256 * MIB
