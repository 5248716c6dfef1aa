"""Every fixer, in the order in which they run: each sees the files as those before it left them."""

from __future__ import annotations

from hubaction.repair import (
    archive_fixes,
    box_fixes,
    copy_fixes,
    gps_fixes,
    image_fixes,
    label_fixes,
    pairing_fixes,
    polygon_fixes,
    pose_fixes,
    yaml_fixes,
)
from hubaction.repair.fixer import Fixer
from hubaction.rules.rule import Repair

_SAFE, _UNSAFE = Repair.SAFE, Repair.UNSAFE

FIXERS: tuple[Fixer, ...] = (
    Fixer("A107", _SAFE, archive_fixes.os_junk),
    Fixer("A104", _SAFE, archive_fixes.backslashes),
    Fixer("A110", _SAFE, archive_fixes.stale_cache),
    Fixer("Y201", _SAFE, yaml_fixes.byte_order_mark, "dspo"),
    Fixer("Y201", _SAFE, yaml_fixes.tabs, "dspo"),
    Fixer("Y202", _SAFE, yaml_fixes.validation_key, "dspo"),
    Fixer("Y208", _SAFE, yaml_fixes.coerced_names, "dspo"),
    Fixer("P707", _SAFE, pairing_fixes.list_entries, "dspo"),
    Fixer("P703", _SAFE, pairing_fixes.misnamed, "dspo"),
    Fixer("P704", _SAFE, pairing_fixes.beside_images, "dspo"),
    Fixer("L301", _SAFE, label_fixes.encoding, "dspo"),
    Fixer("L302", _UNSAFE, label_fixes.commas, "dspo"),
    Fixer("L303", _SAFE, label_fixes.blank_rows, "dspo"),
    Fixer("L303", _UNSAFE, label_fixes.confidence_column, "d"),
    Fixer("L306", _SAFE, label_fixes.class_digits, "dspo"),
    Fixer("G402", _SAFE, box_fixes.negative_centre, "dp"),
    Fixer("G403", _SAFE, box_fixes.clip_box, "dp"),
    Fixer("G404", _UNSAFE, box_fixes.zero_area, "dp"),
    Fixer("G404", _UNSAFE, polygon_fixes.degenerate, "o"),
    Fixer("S505", _SAFE, polygon_fixes.repeated_vertices, "s"),
    Fixer("S503", _SAFE, polygon_fixes.clip_vertices, "s"),
    Fixer("S501", _UNSAFE, polygon_fixes.degenerate, "s"),
    Fixer("O522", _SAFE, polygon_fixes.crossed_corners, "o"),
    Fixer("K513", _SAFE, pose_fixes.visibility_digits, "p"),
    Fixer("K512", _SAFE, pose_fixes.hidden_points, "p"),
    Fixer("K511", _UNSAFE, pose_fixes.visible_outside, "p"),
    Fixer("L307", _SAFE, label_fixes.repeated_rows, "dspo"),
    Fixer("Y206", _SAFE, yaml_fixes.class_count, "dspo"),
    Fixer("Y204", _SAFE, yaml_fixes.path_key, "dspo"),
    Fixer("I605", _SAFE, image_fixes.suffix),
    Fixer("I602", _SAFE, image_fixes.end_marker),
    Fixer("I604", _SAFE, image_fixes.trailing_bytes),
    Fixer("X951", _SAFE, gps_fixes.gps),
    Fixer("V805", _UNSAFE, copy_fixes.copies_in_split),
    Fixer("P701", _UNSAFE, pairing_fixes.orphans, "dspo"),
    Fixer("A103", _SAFE, archive_fixes.top_folder),
)
