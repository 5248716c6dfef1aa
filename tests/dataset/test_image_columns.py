"""Facts as flat bytes come back as they were."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubaction.dataset.image_columns import ImageColumns, kind_of
from hubaction.dataset.images import ImageFacts, ImageStatus, inspect_image
from hubaction.dataset.pixels import Fingerprint, PixelFacts, Quality

texts = st.sampled_from(["", "JPEG", "RGB", "its end is missing", "\x1b[31m \ud800 ü"])
shares = st.floats(0, 1)
qualities = st.builds(Quality, shares, shares, shares, shares, st.floats(0, 127.5))
prints = st.builds(Fingerprint, st.integers(0, 2**64 - 1), st.binary(min_size=256, max_size=256))
sound = st.builds(PixelFacts, quality=qualities, fingerprint=st.none() | prints)
unsound = st.builds(PixelFacts, broken=texts, skipped=texts)
damaged = st.builds(PixelFacts, damage=st.just("lost"), flat_bottom=shares)
facts = st.builds(
    ImageFacts,
    st.sampled_from(ImageStatus),
    format=texts,
    width=st.integers(0, 2**32 - 1),
    height=st.integers(0, 2**32 - 1),
    mode=texts,
    orientation=st.integers(1, 8),
    unterminated=st.booleans(),
    reason=texts,
    bits=st.sampled_from([8, 16]),
    animated=st.booleans(),
    has_gps=st.booleans(),
    progressive=st.booleans(),
    pixels=st.none() | sound | unsound | damaged,
)


def packed(many: list[ImageFacts]) -> ImageColumns:
    columns = ImageColumns()
    for one in many:
        columns.add(one)
    return columns


@given(many=st.lists(facts, max_size=8))
def test_facts_come_back_from_another_process(many: list[ImageFacts]) -> None:
    columns = packed(many)
    back: ImageColumns = pickle.loads(pickle.dumps(columns))
    assert list(back.facts()) == list(columns.facts()) == many
    assert len(back) == len(many)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "TIFF"])
@pytest.mark.parametrize("cut", [0, 40, 2])
def test_facts_of_pictures_come_back(draw: Any, form: str, cut: int) -> None:
    data = draw(form, (640, 480), 3)
    seen = inspect_image(data[: len(data) - cut], pixels=True)
    assert list(packed([seen]).facts()) == [seen]


def test_what_images_have_in_common_is_kept_once(draw: Any) -> None:
    columns = packed([inspect_image(draw("JPEG", (640, 480), seed), pixels=True) for seed in range(20)])
    assert len(columns.kinds) == 1
    assert len(columns) == 20


def test_an_unknown_status_is_an_error() -> None:
    with pytest.raises(KeyError):
        kind_of("FINE", "JPEG", "RGB", 1, False, "", 8, False, False, False)
