"""The storage behind signed addresses: files to fetch, whole or from some byte on, and one PUT for each upload."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Response, request

from hubaction.sandbox.answers import Refusal
from hubaction.sandbox.artifacts import Artifact
from hubaction.sandbox.gate import Route
from hubaction.sandbox.world import Session, World, new_id

CREATE_ONLY = {"x-goog-if-generation-match": "0"}
"""Header that an upload must be sent with, as ``headers`` of the signed address says."""
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_PIECE = 1 << 20


class Storage:
    """The routes below ``/storage/``. They want a signature, and refuse a request that shows a key as well."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/storage/files/<id>/<name>", self.fetch, None, is_open=True),
            Route("PUT", "/storage/uploads/<id>", self.put, None, is_open=True, streams=True),
        ]

    def fetch(self, id: str, name: str) -> Response:
        self._check()
        make = self._world.files.get(id)
        if make is None:
            raise Refusal(404, f"NoSuchKey: {name}")
        return _part(make())

    def put(self, id: str) -> Response:
        self._check()
        with self._world.lock:
            session = self._declared(id)
        arriving = session.path.with_name(f"{session.path.name}-{new_id()}")
        size = _receive(arriving, session.total)
        with self._world.lock:
            if session.put:  # another one was quicker
                raise Refusal(412, "PreconditionFailed: the object exists")
            if size != session.total:
                raise Refusal(400, f"IncompleteBody: {session.total} bytes were declared")
            arriving.replace(session.path)
            session.put = True
        return Response(b"", 200, {"ETag": f'"{id}"'})

    def _declared(self, id: str) -> Session:
        """The session of an upload whose request is as it was declared. Raises Refusal."""
        session = self._world.sessions.get(id)
        if session is None:
            raise Refusal(404, "NoSuchUpload")
        if session.put:
            raise Refusal(412, "PreconditionFailed: the object exists")
        if any(request.headers.get(name) != value for name, value in CREATE_ONLY.items()):
            raise Refusal(403, "SignatureDoesNotMatch: a signed header is missing")
        if request.content_type != session.content_type:
            raise Refusal(403, "SignatureDoesNotMatch: another Content-Type was declared")
        if request.content_length not in {None, session.total}:
            raise Refusal(400, f"EntityLength: {session.total} bytes were declared")
        return session

    def _check(self) -> None:
        if "authorization" in request.headers or "x-api-key" in request.headers:
            raise Refusal(400, "InvalidRequest: a signed address takes no other credentials")
        expires, signature = request.args.get("expires", ""), request.args.get("signature", "")
        self._world.links.check(request.method, request.path, expires, signature, self._world.now)


def _receive(path: Path, most: int) -> int:
    """Bytes of the request's body, written to a file; it stops soon after too many."""
    size = 0
    with path.open("wb") as file:
        while size <= most and (piece := request.stream.read(_PIECE)):
            file.write(piece)
            size += len(piece)
    return size


def _part(artifact: Artifact) -> Response:
    tag = f'"{artifact.tag}"'
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'attachment; filename="{artifact.name}"',
    }
    wanted = _RANGE.fullmatch(request.headers.get("range", ""))
    start, end = 0, artifact.size
    if wanted and request.headers.get("if-range", tag) == tag:
        start, end = int(wanted[1]), min(int(wanted[2] or end) + bool(wanted[2]), end)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{artifact.size}"
    else:
        wanted = None
    if start >= end:
        return Response(b"", 416, {"Content-Range": f"bytes */{artifact.size}"})
    headers["Content-Length"] = str(end - start)
    status = 206 if wanted else 200
    return Response(artifact.read(start, end), status, headers, content_type="application/octet-stream")
