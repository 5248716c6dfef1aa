"""A service whose words try to speak to the runner, to a reader's browser or to a terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tricks import TRICKS, holds

BOUND = 500  # characters that are shown of a service's words


@pytest.mark.parametrize("text", TRICKS.values(), ids=TRICKS)
def test_the_reason_of_a_failed_export_is_shown_as_text(step: Any, served: Any, page: Any, text: str) -> None:
    reason = text.encode("utf-8", "replace").decode()  # a surrogate cannot travel as UTF-8
    plain, result = (failed(step, served, words) for words in ("plain", reason))

    assert (result.code, result.outputs["state"]) == (4, "failed")
    assert result.stream.names == plain.stream.names
    rendered = page.Page(result.summary)
    assert rendered.outline == page.Page(plain.summary).outline
    assert not rendered.references
    assert not page.broken_rows(result.summary)
    assert all(line.isprintable() for line in result.summary.split("\n"))
    if len(reason) < BOUND:
        assert holds(rendered.text, reason)
        assert holds(result.annotations[0].message, reason)
    (row,) = json.loads(result.outputs["results"])
    assert len(row["message"]) <= 8 * BOUND


def failed(step: Any, served: Any, words: str) -> Any:
    """A step that asks for an export which the service says has failed."""
    served.box.turn(failures={"onnx": f"failed: {words}"})
    step.extra = {"HOME": str(step.root), **served.root}
    given = {"api_key": served.key, "model_id": served.model, "format": "onnx"}
    step.run(operation="export-model", **given)
    return step.run(operation="get-export", **given)
