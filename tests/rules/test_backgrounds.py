"""P705 and P706 just inside and just outside their bounds."""

from __future__ import annotations

import pytest
from looking import look
from many import boxes, view_of_many

from hubaction.rules.engine import Status


@pytest.mark.parametrize(("split", "level"), [("train", "error"), ("val", "error"), ("test", "warning")])
def test_a_split_without_labels(split: str, level: str) -> None:
    splits = {"train": [boxes(1)], split: [None, None]}
    facts = look("P705", view_of_many(**splits)).facts
    assert [(f.weight.level.word, f.place.split) for f in facts] == [(level, split)]
    assert look("P706", view_of_many(**splits)).status is Status.PASSED


@pytest.mark.parametrize(
    ("missing", "empty", "level"), [(0, 0, None), (4, 6, "note"), (5, 6, "warning"), (0, 11, "warning")]
)
def test_one_in_ten_images_of_train(missing: int, empty: int, level: str | None) -> None:
    view = view_of_many(train=[None] * missing + [""] * empty + [boxes(1)] * (100 - missing - empty))
    assert {f.weight.level.word for f in look("P706", view).facts} == ({level} if level else set())
    assert len(look("P706", view).facts) == bool(missing) + bool(empty)


def test_val_may_have_more_backgrounds() -> None:
    view = view_of_many(train=[boxes(1)], val=["", "", boxes(1)])
    assert [f.weight.level.word for f in look("P706", view).facts] == ["note"]


@pytest.mark.parametrize("text", ["0 0.5 0.5 0.1", "cat 0.5 0.5 0.1 0.1", "9 9 9 9 9"])
def test_invalid_rows_are_no_background(text: str) -> None:
    assert look("P706", view_of_many(train=[text])).status is Status.PASSED


@pytest.mark.parametrize(("split", "level"), [("train", "error"), ("val", "error"), ("test", "note")])
def test_every_image_is_a_background(split: str, level: str) -> None:
    splits = {"train": [boxes(1)], split: ["", None]}
    assert {f.weight.level.word for f in look("P706", view_of_many(**splits)).facts} == {level}
