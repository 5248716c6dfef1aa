"""The gate that every request passes: it is logged, struck by faults, let in, counted, and answered in its dialect."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Any

from flask import Flask, Request, Response, g, request
from werkzeug.exceptions import HTTPException

from hubaction.sandbox import faults
from hubaction.sandbox.answers import LOST_PAGE, Dialect, Refusal, answer, dialect_of, limited, refused
from hubaction.sandbox.knobs import Fault, FaultTable, Kind
from hubaction.sandbox.limits import Category, Windows
from hubaction.sandbox.log import MOST, Entry, Keys, Log, auth_of, hidden_query, leaks_of
from hubaction.sandbox.world import World

_LARGEST_JSON = 8 << 20


@dataclass(frozen=True, slots=True)
class Route:
    """What answers a method at a path.

    Attributes:
        view: takes the variable parts of the path; what it returns is sent as JSON, with 200 unless it says otherwise.
        category: for the rate limit; None where there is none.
        is_open: whether no key is asked for. streams: whether it reads a body that may be large, outside of the lock.
    """

    method: str
    rule: str
    view: Callable[..., object]
    category: Category | None
    is_open: bool = False
    streams: bool = False


class Gate:
    """The web application.

    Attributes:
        stopping: set when the server stops; ends everything that waits.
    """

    def __init__(self, world: World, keys: Keys, faults: FaultTable, routes: Iterable[Route]) -> None:
        self.world = world
        self.keys = keys
        self.faults = faults
        self.log = Log()
        self.stopping = threading.Event()
        self.app = Flask("hubaction.sandbox", static_folder=None)
        self.app.request_class = _request_class(world)
        self.app.before_request(self._enter)
        self.app.after_request(self._leave)
        self.app.register_error_handler(Refusal, self._refuse)
        self.app.register_error_handler(HTTPException, self._lost)
        self._windows = Windows()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        def view(**parts: str) -> Response:
            return self._let_in(route, parts)

        name = f"{route.method} {route.rule}".replace(".", "-")
        methods = [route.method]
        self.app.add_url_rule(route.rule, name, view, methods=methods, provide_automatic_options=False)

    def _enter(self) -> Response | None:
        g.id, g.fault = secrets.token_hex(8), None
        self.log.add(self._entry(g.id))
        if dialect_of(request.path) is Dialect.CONTROL:
            return None
        g.fault = self.faults.take(request.method, request.path)
        if g.fault and g.fault.kind is Kind.WHOLE:
            request.environ.pop("HTTP_RANGE", None)
        return faults.instead(g.fault, self._scene()) if g.fault else None

    def _leave(self, response: Response) -> Response:
        fault: Fault | None = g.fault
        if fault:
            response = faults.bent(fault, self._scene(), response)
        response.headers["x-request-id"] = g.id
        self.log.finish(g.id, response.status_code, fault.kind.value if fault else "")
        return response

    def _let_in(self, route: Route, parts: dict[str, str]) -> Response:
        dialect = dialect_of(request.path)
        if not route.is_open:
            self._authorise(dialect)
        with contextlib.nullcontext() if route.streams else self.world.lock:
            if route.category and (wait := self._wait(route.category)):
                return limited(dialect, wait, self.world.now, route.category.most)
            given = route.view(**parts)
        return given if isinstance(given, Response) else answer(given)

    def _authorise(self, dialect: Dialect) -> None:
        expected = self.keys.hub if dialect is Dialect.HUB else f"Bearer {self.keys.platform}"
        shown = request.headers.get("x-api-key" if dialect is Dialect.HUB else "authorization", "")
        if not secrets.compare_digest(shown.encode(), expected.encode()):
            raise Refusal(401, "Unauthorized" if dialect is Dialect.HUB else "Invalid or missing API key")

    def _wait(self, category: Category) -> int:
        with self.world.lock:
            return self._windows.wait("account", category, self.world.now, self.world.knobs.rate)

    def _refuse(self, refusal: Refusal) -> Response:
        return refused(dialect_of(request.path), refusal.status, refusal.message)

    def _lost(self, error: HTTPException) -> Response:
        if error.code == 404:  # a route that there is not: the web site answers, not the API
            return Response(LOST_PAGE, 404, content_type="text/html; charset=utf-8")
        return refused(dialect_of(request.path), error.code or 500, error.name)

    def _scene(self) -> faults.Scene:
        connection = request.environ["werkzeug.socket"]
        return faults.Scene(connection, self.stopping, dialect_of(request.path), self.world.now)

    def _entry(self, id: str) -> Entry:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body, query = _body_text(), request.query_string.decode("latin-1")
        return Entry(
            id,
            request.method,
            self.keys.hidden(request.path),
            hidden_query(query, self.keys),
            tuple(headers),
            auth_of(headers, self.keys),
            self.keys.hidden(body),
            leaks_of(request.path, query, headers, body, self.keys),
            self.keys.hidden(headers.get("user-agent", "")),
            self.world.now,
        )


def _body_text() -> str:
    """The body as the log keeps it."""
    length = request.content_length
    if request.is_json and length is not None and length <= MOST:
        return request.get_data().decode("utf-8", "replace")
    return f"<{length} bytes>" if length else ""


def root_of_request() -> str:
    """The address by which the client of the request knows the sandbox: inside of a container it is another one."""
    return request.host_url.rstrip("/")


def json_body() -> object:
    """The body of the request as JSON. Raises Refusal (400, 411, 413)."""
    if request.content_length is None:
        raise Refusal(411, "Content-Length is required")
    if request.content_length > _LARGEST_JSON:
        raise Refusal(413, "The body is too large")
    try:
        return json.loads(request.get_data())
    except ValueError:
        raise Refusal(400, "The body is not JSON") from None


def number_in_query(name: str, usual: int, most: int) -> int:
    """A whole number of the query from 0 on. Raises Refusal (400) for one that is none, or more than ``most``."""
    text = request.args.get(name, str(usual))
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > most:
        raise Refusal(400, f"{name}: must be an integer from 0 to {most}")
    return int(text)


def _request_class(world: World) -> type[Request]:
    """Requests whose uploaded parts are kept in the sandbox's own folder."""

    class PartsInFolder(Request):
        def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
            return tempfile.TemporaryFile(dir=world.folder)

    return PartsInFolder
