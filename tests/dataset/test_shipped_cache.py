"""Label caches that a dataset ships: looked at, never unpickled (reference, section 7)."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest


class Touch:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self.path}'",)


def npy() -> bytes:
    out = io.BytesIO()
    np.save(out, np.array([{"version": "1"}], dtype=object), allow_pickle=True)
    return out.getvalue()


def empty_zip() -> bytes:
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").close()
    return out.getvalue()


@pytest.mark.parametrize("in_folder", [False, True], ids=["zip", "folder"])
@pytest.mark.parametrize("task", ["detect", "classify"])
@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_is_never_executed(make: Any, tmp_path: Path, task: str, protocol: int, in_folder: bool) -> None:
    proof = tmp_path / "executed"
    data = pickle.dumps(Touch(proof), protocol)
    maker = make(task)
    maker.in_folder = in_folder
    for name in ("labels/train.cache", "labels/val.cache", "train.cache", "labels.cache", "data.pkl", "x.npy"):
        maker.put(name, data)
    maker.check("hub")
    maker.check("default")
    assert not proof.exists()
    pickle.loads(data)
    assert proof.exists()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "CACHE_BREAKS_LOADER"),
        (b"text", "CACHE_BREAKS_LOADER"),
        (b"PK\x03\x04 broken", "CACHE_BREAKS_LOADER"),
        (pickle.dumps({}), "CACHE_IGNORED"),
        (npy(), "CACHE_IGNORED"),
        (empty_zip(), "CACHE_IGNORED"),
        (b"\x93NUMPY garbage", "CACHE_BREAKS_LOADER"),
    ],
    ids=["empty", "text", "broken-zip", "pickle", "npy", "zip", "broken-npy"],
)
def test_first_bytes_tell_what_the_loader_does(detect: Any, data: bytes, kind: str) -> None:
    (defect,) = detect.put("labels/train.cache", data).defects()
    assert (defect.kind.name, defect.path, defect.split) == (kind, "labels/train.cache", "train")
    assert detect.check("hub").exit_code == (kind == "CACHE_BREAKS_LOADER")


def test_empty_cache_is_called_empty(detect: Any) -> None:
    (defect,) = detect.put("labels/train.cache", b"").defects()
    assert defect.detail["reason"] == "it is empty"


def test_folder_in_the_place_of_the_cache_rejects(detect: Any) -> None:
    assert detect.put("labels/train.cache/x", b"").kinds() == ["CACHE_BREAKS_LOADER"]


@pytest.mark.parametrize(
    "name", ["labels.cache", "labels/other.cache", "images/train.cache", "labels/train/train.cache"]
)
def test_cache_elsewhere_is_not_looked_at(detect: Any, name: str) -> None:
    assert detect.put(name, b"").kinds() == []


def test_suffix_of_the_label_folder_is_replaced(detect: Any) -> None:
    detect.pair("v.1/a.jpg").keys(train="images/v.1").put("labels/v.cache", b"")
    assert [d.path for d in detect.defects("CACHE_BREAKS_LOADER")] == ["labels/v.cache"]


def test_damaged_cache_rejects(detect: Any) -> None:
    detect.put("labels/train.cache", pickle.dumps({})).set_field("labels/train.cache", "crc", 1)
    assert "CACHE_BREAKS_LOADER" in detect.kinds()
