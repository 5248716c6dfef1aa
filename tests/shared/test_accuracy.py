"""Under the profile default every planted defect is spoken about, and nothing is said of what is unbroken.

That sound sets have no error, and what the official examples have, is tested in test_variants and test_goldens.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from variant_table import variants

from hubaction.operations.check_dataset import CheckOptions, check
from hubaction.report.finding import Severity


def spoken(folder: Path, variant: dict[str, Any]) -> list[str]:
    """Errors and warnings, in words."""
    path = folder / "variants" / variant["file"]
    found = check(CheckOptions(path, variant["task"], config=None, workers=1)).findings
    return [f"{f.rule} {f.place} {f.message}" for f in found if f.severity in {Severity.ERROR, Severity.WARNING}]


@pytest.mark.parametrize("variant", variants(lambda variant: variant["kind"] == "defect"))
def test_a_defect_is_found(shared_data: Path, variant: dict[str, Any]) -> None:
    assert spoken(shared_data, variant)


@pytest.mark.parametrize("variant", variants(lambda variant: variant["kind"] == "control"))
def test_an_unbroken_set_has_no_warning_either(shared_data: Path, variant: dict[str, Any]) -> None:
    assert spoken(shared_data, variant) == []
