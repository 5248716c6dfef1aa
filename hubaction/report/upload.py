"""What became of an uploaded dataset: for the log and for the job summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hubaction.report.escape import markdown, markdown_code, visible
from hubaction.report.model import count

_MOST = 500  # characters of a service's own words
_LISTED = 20  # images that the service could not read


@dataclass(frozen=True, slots=True)
class UploadReport:
    """An upload as far as it went.

    Attributes:
        result: completed, failed, timed out or interrupted. good: whether the operation passes.
        target: what the caller named; ``dataset`` is its address or name on the service, '' where it is not known.
        images, errors: as the service counts them, None where it does not tell. skipped: labels by reason.
        bad_images: the first images that the service could not read, with its own words (untrusted).
        message: what went wrong; may be the service's own words (untrusted).
    """

    result: str
    good: bool
    target: str
    dataset: str = ""
    created: bool = False
    images: int | None = None
    errors: int | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)
    splits: Mapping[str, int] = field(default_factory=dict)
    bad_images: Mapping[str, str] = field(default_factory=dict)
    message: str = ""

    @property
    def headline(self) -> str:
        name = self.dataset or self.target
        how = {True: " (new)", False: " (added to what was there)"}[self.created] if self.dataset else ""
        return f"Upload to {name}{how}: {self.result}"

    @property
    def lines(self) -> list[str]:
        """What there is to say beside the headline. It holds untrusted words."""
        skipped = [f"{count(number, 'label')} skipped: {reason}" for reason, number in self.skipped.items() if number]
        bad = [f"{image}: {words}" for image, words in list(self.bad_images.items())[:_LISTED]]
        counted = [f"the service counts {self._counts()}"] if self.images is not None else []
        return [*([self.message] if self.message else []), *counted, *skipped, *bad]

    def _counts(self) -> str:
        splits = ", ".join(f"{name} {number:,}" for name, number in self.splits.items())
        errors = f", {count(self.errors, 'error')}" if self.errors is not None else ""
        return f"{count(self.images or 0, 'image')}{f' ({splits})' if splits else ''}{errors}"


def render_text(report: UploadReport) -> str:
    """Headline and one line for each thing to say."""
    lines = [f"{'✓' if report.good else '✗'} {visible(report.headline)}"]
    return "\n".join([*lines, *(f"  {visible(line, most=_MOST)}" for line in report.lines)])


def render_summary(report: UploadReport) -> str:
    """The same as Markdown."""
    name = markdown_code(report.dataset or report.target)
    head = [f"## {'✅' if report.good else '❌'} Upload to {name}: {report.result}", ""]
    return "\n".join([*head, *(f"- {markdown(line, most=_MOST)}" for line in report.lines), ""])
