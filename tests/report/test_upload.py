"""What became of an uploaded dataset, in a log and in a job summary."""

from __future__ import annotations

from types import ModuleType

from hubaction.report.upload import UploadReport, render_summary, render_text

GOOD = UploadReport("completed", True, "demo/ds", "ul://demo/datasets/ds", True, 3, 0, splits={"train": 2, "val": 1})
HOSTILE = "x\r\n::error::y ##[error]z | <b> `c` [l](http://e.x) @ada \x1b[31m\u202e"


def test_text() -> None:
    assert render_text(GOOD) == (
        "✓ Upload to ul://demo/datasets/ds (new): completed\n  the service counts 3 images (train 2, val 1), 0 errors"
    )


def test_counts_that_the_service_does_not_tell_are_left_out() -> None:
    assert render_text(UploadReport("completed", True, "ds", "abc", False)) == (
        "✓ Upload to abc (added to what was there): completed"
    )


def test_a_dataset_that_is_not_known_yet_is_called_as_the_caller_did() -> None:
    assert render_text(UploadReport("interrupted", False, "demo/ds", message="So.")) == (
        "✗ Upload to demo/ds: interrupted\n  So."
    )


def test_labels_by_reason() -> None:
    report = UploadReport("failed", False, "ds", skipped={"unknown class": 1, "odd": 1200, "none": 0})
    assert report.lines == ["1 label skipped: unknown class", "1,200 labels skipped: odd"]


def test_bad_images_are_listed_up_to_a_number() -> None:
    report = UploadReport("failed", False, "ds", bad_images={f"{index}.jpg": "broken" for index in range(50)})
    assert report.lines == [f"{index}.jpg: broken" for index in range(20)]


def test_summary(page: ModuleType) -> None:
    rendered = page.Page(render_summary(GOOD))
    assert "Upload to ul://demo/datasets/ds: completed" in rendered.text
    assert "the service counts 3 images (train 2, val 1), 0 errors" in rendered.text


def test_untrusted_words_are_words(page: ModuleType) -> None:
    report = UploadReport(
        "failed", False, HOSTILE, HOSTILE, False, 1, 1, {HOSTILE: 1}, {HOSTILE: 1}, {HOSTILE: HOSTILE}, HOSTILE
    )
    assert all(line.isprintable() and not line.lstrip().startswith("::") for line in render_text(report).split("\n"))
    rendered = page.Page(render_summary(report))
    assert rendered.foreign <= {"ul", "li"}
    assert "@ada" not in render_summary(report)
