"""The forms in which people name a model: ids and addresses, as each of the two services gives them."""

from __future__ import annotations

import re

from hubaction.errors import UsageError
from hubaction.hub.address import split_address
from hubaction.hub.service import ModelId
from hubaction.report.escape import visible

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_SLUG = 128
_HUB_ID = re.compile(r"[0-9A-Za-z]{20}")
_OBJECT_ID = re.compile(r"[0-9a-f]{24}")
_PARTS = ("owner", "project", "model")
_KEY = re.compile(r"ul_\w{8,}|\w{32,}")
"""What may be a key that was put in the place of a model; it is never shown again."""

_WEB = "platform.ultralytics.com"
_PLATFORM_FIX = f"Give 'owner/project/model' as in the address of the model's page, https://{_WEB}/owner/project/model."
_HUB_FIX = "Give the 20 letters and digits at the end of the address of the model's page, .../models/ID."


def platform_model(text: str, root: str) -> ModelId:
    """A model of the Platform: ``owner/project/model``, ``ul://owner/project/model`` or the address of its page.

    ``root`` is that of the Platform in use; an address below it is as good as one of the public Platform.

    Raises:
        UsageError: empty, of another form, an id of HUB's, or a bare id, which the Platform has no request for.
    """
    given = _given(text, _PLATFORM_FIX)
    path = _platform_path(given, root)
    parts = tuple(path.strip("/").split("/"))
    if len(parts) == 1:
        _refuse_bare_id(parts[0])
    if len(parts) == 3 and parts[1] == "datasets":
        raise UsageError(f"{_shown(given)} is a dataset, not a model.", _PLATFORM_FIX)
    if len(parts) != 3:
        raise UsageError(f"{_shown(given)} does not name a model.", _PLATFORM_FIX)
    for what, slug in zip(_PARTS, parts, strict=True):
        if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST_SLUG:
            cause = f"{_shown(given)} does not name a model: its {what} is {_shown(slug)}."
            raise UsageError(cause, "Such a name has lower-case letters and digits with single hyphens between them.")
    return ModelId("/".join(parts), parts)


def hub_model(text: str) -> ModelId:
    """A model of HUB: its id, ``KEY_ID``, or the address of its page.

    Raises:
        UsageError: empty, of another form, or a model of the Platform.
    """
    given = _given(text, _HUB_FIX)
    address = split_address(given)
    is_path = "://" not in given and given.count("/") == 2
    if is_path or given.startswith("ul://") or (address and address.hostname == _WEB):
        cause = f"{_shown(given)} is a model of the Ultralytics Platform, and the key is one for a HUB server."
        raise UsageError(cause, "Give a key of the Platform, or the id of a model of that server.")
    found = given.rstrip("/").rpartition("/models/")[2].rpartition("_")[2]
    if not _HUB_ID.fullmatch(found):
        raise UsageError(f"{_shown(found)} is no id of a model.", _HUB_FIX)
    return ModelId(found, (found,))


def _given(text: str, fix: str) -> str:
    """The text without its query, which may hold a key."""
    given = re.split(r"[?#]", text.strip(), maxsplit=1)[0]
    if not given:
        raise UsageError("No model is given.", fix)
    return given


def _platform_path(given: str, root: str) -> str:
    """What follows the scheme, or the root of the Platform."""
    if given.startswith("ul://"):
        return given.removeprefix("ul://")
    if "://" not in given:
        return given
    bare = given.partition("://")[2]
    for base in (root.partition("://")[2], _WEB):
        if bare.lower().startswith(f"{base.lower()}/"):
            return bare[len(base) :]
    if "/models/" in bare:
        cause = f"{_shown(given)} is a model of Ultralytics HUB, which was shut down on 2026-07-31."
        raise UsageError(cause, f"Give a model of the Platform. {_PLATFORM_FIX}")
    raise UsageError(f"{_shown(given)} is no address of the Platform at {root}.", _PLATFORM_FIX)


def _refuse_bare_id(text: str) -> None:
    if _OBJECT_ID.fullmatch(text):
        raise UsageError(f"{text!r} is a bare id, and the Platform finds models by their names only.", _PLATFORM_FIX)
    if _HUB_ID.fullmatch(text.rpartition("_")[2]):
        cause = f"{_shown(text)} is the id of a model of Ultralytics HUB, and the key is one of the Platform."
        raise UsageError(cause, _PLATFORM_FIX)


def _shown(text: str) -> str:
    return repr(visible(_KEY.sub("***", text), most=200))
