"""The safe fixes mend what they say on each variant, have nothing left to do after that, and leave the original."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from variant_table import variants

from hubaction.errors import DatasetUnreadable
from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.operations.fix import FixOptions, fix

UNREADABLE = {"z-trunc", "z-html", "z-empty"}
"""Two that are no zips, and one that holds nothing."""


@pytest.mark.parametrize("variant", variants(lambda variant: variant["id"] not in UNREADABLE))
def test_what_was_mended_is_silent_and_stays_so(shared_data: Path, tmp_path: Path, variant: dict[str, Any]) -> None:
    original = shared_data / "variants" / variant["file"]
    copy, mended = tmp_path / original.name, tmp_path / "mended" / original.name
    mended.parent.mkdir()
    shutil.copyfile(original, copy)
    report = fix(FixOptions(copy, variant["task"], output=mended))
    assert copy.read_bytes() == original.read_bytes()
    assert mended.exists() == bool(report.edits)
    if not report.edits:
        return
    left = check(CheckOptions(mended, variant["task"], config=None, workers=1)).findings
    assert [f"{f.rule} {f.place} {f.message}" for f in left if f.rule in report.edits] == []
    again = fix(FixOptions(mended, variant["task"], dry_run=True, output=mended))
    assert (again.edits, again.exit_code) == ({}, 0)


@pytest.mark.parametrize("variant", variants(lambda variant: variant["id"] in UNREADABLE))
def test_what_cannot_be_read_is_refused(shared_data: Path, tmp_path: Path, variant: dict[str, Any]) -> None:
    with pytest.raises(DatasetUnreadable):
        fix(FixOptions(shared_data / "variants" / variant["file"], variant["task"], output=tmp_path / "new.zip"))
    assert list(tmp_path.iterdir()) == []
