"""V807 to V809 just inside and just outside their bounds."""

from __future__ import annotations

import numpy as np
import pytest
from looking import look
from many import boxes, view_of_many

from hubaction.rules.balance import cramers_v, kolmogorov_smirnov
from hubaction.rules.engine import Status


@pytest.mark.parametrize(("unseen", "level"), [(1, "warning"), (2, "error")])
def test_unseen_classes_by_their_share(unseen: int, level: str) -> None:
    """One of 200 objects is 0.5 %, two are more."""
    view = view_of_many(train=[boxes(100)], val=[boxes(200 - unseen), boxes(unseen, cls=1)])
    assert [(f.weight.level.word, f.place.split) for f in look("V807", view).facts] == [(level, "val")]


def test_classes_are_missed_in_val_but_not_in_test() -> None:
    both = [boxes(50), boxes(50, cls=1)]
    assert [f.place.split for f in look("V807", view_of_many(train=both, val=[boxes(9)])).facts] == ["val"]
    assert look("V807", view_of_many(train=both, val=both, test=[boxes(9)])).status is Status.PASSED


@pytest.mark.parametrize("empty", ["train", "val"])
def test_a_split_without_objects_is_no_matter_of_classes(empty: str) -> None:
    splits = {"train": [boxes(9)], "val": [boxes(9)], empty: ["", ""]}
    assert look("V807", view_of_many(**splits)).status is Status.PASSED


@pytest.mark.parametrize(("train", "val", "fires"), [(95, 5, False), (96, 4, True), (50, 50, False), (49, 51, True)])
def test_split_sizes(train: int, val: int, fires: bool) -> None:
    view = view_of_many(train=[boxes(1)] * train, val=[boxes(1)] * val)
    assert bool(look("V808", view).facts) == fires


def test_one_split_has_no_share() -> None:
    assert look("V808", view_of_many(train=[boxes(1)])).status is Status.NOT_RUN


@pytest.mark.parametrize(("objects", "status"), [(199, Status.NOT_RUN), (200, Status.FINDINGS)])
def test_drift_needs_objects(objects: int, status: Status) -> None:
    view = view_of_many(train=[boxes(300)], val=[boxes(objects, cls=1)])
    assert look("V809", view).status is status


@pytest.mark.parametrize(("dogs", "fires"), [(60, False), (100, True)])
def test_class_drift(dogs: int, fires: bool) -> None:
    """20 % dogs in train; 30 % and 50 % of 200 in val."""
    view = view_of_many(train=[boxes(160), boxes(40, cls=1)], val=[boxes(200 - dogs), boxes(dogs, cls=1)])
    assert [f.key for f in look("V809", view).facts] == ["classes"] * fires


@pytest.mark.parametrize(("large", "fires"), [(29, False), (31, True)])
def test_size_drift(large: int, fires: bool) -> None:
    """15 % of 200 objects of val are larger than any of train."""
    view = view_of_many(train=[boxes(200)], val=[boxes(200 - large), boxes(large, size=0.06)])
    assert [f.key for f in look("V809", view).facts] == ["areas"] * fires


def test_cramers_v() -> None:
    assert cramers_v(np.array([300, 0]), np.array([0, 300])) == pytest.approx(1, abs=2e-3)
    assert cramers_v(np.array([150, 150]), np.array([300, 300])) == 0
    assert cramers_v(np.array([7]), np.array([9])) == 0
    counts = [np.bincount(np.random.default_rng(seed).integers(0, 80, 200), minlength=80) for seed in (1, 2)]
    assert cramers_v(*counts) < 0.15  # 0.44 without the correction: many classes are no drift


def test_kolmogorov_smirnov() -> None:
    one, other = np.array([1.0, 2, 2, 3]), np.array([2.0, 2, 3, 4])
    assert kolmogorov_smirnov(one, other) == 0.25
    assert kolmogorov_smirnov(one, one) == 0
    assert kolmogorov_smirnov(one, one + 9) == 1
    assert kolmogorov_smirnov(one, np.zeros(0)) == 0
