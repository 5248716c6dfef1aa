"""Reads the Platform's records of exports. Every field may be absent or of another type."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping

from hubaction.hub.answer import MOST_WORDS, count_at, object_at, text_at, value_at
from hubaction.hub.secret import Secret
from hubaction.hub.service import Export, ExportRequest, State

STATES = {
    **dict.fromkeys(("queued", "starting", "running", "pending", "untrained"), State.PENDING),
    "completed": State.COMPLETED,
    "failed": State.FAILED,
    "cancelled": State.CANCELLED,
}
"""The service's words. The list is open: a word that is not here stands for an export that is still going on."""

_MOST_NAME = 300
_MOST_WORD = 40


def read_export(record: object, known: Export | None = None) -> Export:
    """An export as the service describes it; what a short record leaves out, and the format, are those of ``known``."""
    known = known or Export("", State.PENDING)
    word = text_at(record, "status")[:_MOST_WORD]
    url = text_at(record, "file", "downloadUrl")
    return dataclasses.replace(
        known,
        format=known.format or text_at(record, "format")[:_MOST_WORD],
        state=STATES.get(word, State.PENDING),
        id=text_at(record, "id")[:_MOST_NAME] or known.id,
        word=word,
        args=object_at(record, "args") or known.args,
        gpu_type=text_at(record, "gpuType")[:_MOST_WORD] or known.gpu_type,
        size=count_at(record, "file", "size"),
        url=Secret(url) if url else None,
        file_name=text_at(record, "file", "downloadFilename")[:_MOST_NAME],
        error=text_at(record, "error", "message")[:MOST_WORDS],
        created=text_at(record, "createdAt")[:_MOST_WORD] or known.created,
        seconds=_seconds(record),
    )


def is_equal(export: Export, request: ExportRequest) -> bool:
    """Whether an export makes the file that is asked for. Values are compared as texts: a service may write '16'."""
    wanted = (request.format, request.gpu_type, _texts(request.args))
    return (export.format, export.gpu_type, _texts(export.args)) == wanted


_ALIVE = frozenset({State.COMPLETED, State.PENDING})


def newest(exports: Iterable[Export], format: str) -> Export | None:
    """The newest export to a format that is completed or under way, else the newest; None where there is none."""
    of_format = [export for export in exports if export.format == format]
    return max(of_format, key=lambda export: (export.state in _ALIVE, _moment(export.created)), default=None)


def _texts(args: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value).lower() for name, value in args.items()}


def _seconds(record: object) -> float | None:
    """From start to end by the service's own clock; None where it does not tell both in order."""
    start, end = (_moment(value_at(record, key)) for key in ("startedAt", "completedAt"))
    return end - start if 0 < start <= end else None


def _moment(value: object) -> float:
    """Seconds since 1970 of an ISO time (UTC where it names no zone); 0 where it is none."""
    try:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp() if moment else 0.0
    except (ValueError, OverflowError):
        return 0.0
