"""The page: verdict, what to do first, pictures, findings, rules, the dataset. Its first part needs no script."""

from __future__ import annotations

import base64
import hashlib
import importlib.resources

from hubaction.report.escape import html_data, visible
from hubaction.report.finding import Finding
from hubaction.report.html.charts import distributions
from hubaction.report.html.data import MOST_FINDINGS, page_data
from hubaction.report.html.drawing import Thumbnails
from hubaction.report.html.gallery import badge, contact_sheet, pairs
from hubaction.report.html.markup import Html, el, join, table
from hubaction.report.model import Report, count, coverage

_FIRST = 3  # rules under "what to do first"
_MARKS = {"passed": "✔", "failed": "✖"}
_UNITS = ("bytes", "kB", "MB", "GB")


def render_html(report: Report) -> str:
    """The whole file. Nothing of the dataset is markup in it, and its policy lets no script run but its own."""
    style, script = _asset("page.css"), _asset("page.js")
    shown = [*report.gallery.pictures, *(side for pair in report.gallery.pairs for side in (pair.left, pair.right))]
    thumbnails = Thumbnails(shown)
    sections = [
        _first(report),
        _filters(report),
        contact_sheet(report, thumbnails),
        _findings(report),
        pairs(report, thumbnails),
        _rules(report),
        distributions(report),
        _coverage(report),
    ]
    body = el(
        "body",
        el("a", "Skip to the findings", href="#content", class_="skip"),
        thumbnails.store(),
        _verdict(report),
        el("main", *sections, id="content", tabindex=-1),
        _viewer(),
        el("footer", f"hub-action {report.version}"),
        el("script", Html(html_data(page_data(report))), type="application/json", id="data"),
        el("script", script),
    )
    head = _head(report, style, script)
    return f"<!doctype html>\n{el('html', head, body, lang='en')}\n"


def _asset(name: str) -> Html:
    return Html(importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _head(report: Report, style: Html, script: Html) -> Html:
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("link", rel="icon", href="data:,"),
        el("title", f"{report.verdict.capitalize()}: {visible(report.path)}"),
        el("style", style),
    )


def _digest(text: str) -> str:
    """How a content security policy names the one script or style that it allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _verdict(report: Report) -> Html:
    numbers = (
        (report.errors, "errors", "error"),
        (report.warnings, "warnings", "warning"),
        (report.notes, "notes", "note"),
        (report.images, "images", ""),
        (report.instances, "objects", ""),
    )
    tiles = [
        el("div", el("dt", name), el("dd", f"{number:,}"), class_=f"tile {class_ if number else ''}".strip())
        for number, name, class_ in numbers
    ]
    mark = el("span", _MARKS.get(report.verdict, "✖"), class_="mark", aria_hidden="true")
    return el(
        "header",
        el("p", "Dataset check", class_="kind"),
        el("h1", mark, el("span", report.verdict.capitalize(), class_="word"), " ", el("code", visible(report.path))),
        el("p", _lead(report), class_="lead"),
        el("dl", *tiles, class_="tiles"),
        el("p", _facts(report), class_="about"),
        _contents(report),
        class_=f"verdict {report.verdict}",
    )


def _lead(report: Report) -> str:
    """The verdict and the reason for it, in a sentence or two."""
    if report.verdict == "interrupted":
        return "The check was interrupted before it was done, so this report is partial."
    if report.verdict == "unreadable":
        return "The dataset could not be read, so nothing else was checked."
    found = [
        count(number, noun)
        for number, noun in ((report.errors, "error"), (report.warnings, "warning"), (report.notes, "note"))
        if number
    ]
    gate = {"error": "Errors fail the check", "warning": "Errors and warnings fail the check"}
    what = f"{_listed(found)} in {count(report.images, 'image')}" if found else "Nothing was found"
    rule = gate.get(report.fail_on, "No finding fails the check")
    allowed = [f"{n:,} {word}" for n, word in ((report.tolerated, "tolerated"), (report.known, "known")) if n]
    return f"{what}. {rule}.{f' Not counted: {_listed(allowed)}.' if allowed else ''}"


def _listed(parts: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _facts(report: Report) -> str:
    size, unit = float(report.bytes), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    inferred = f" (inferred: {visible(report.task_reason)})" if report.task_reason else ""
    amount = f"{size:,.1f} {_UNITS[unit]}" if unit else count(report.bytes, "byte")
    parts = [f"Task {report.task}{inferred}", f"profile {report.profile}", f"{count(report.files, 'file')}, {amount}"]
    return " · ".join([*parts, f"checked in {report.seconds:.1f} s"])


def _contents(report: Report) -> Html:
    has = bool(report.new_findings)
    links = (
        ("first", "What to do first", has),
        ("pictures", "Pictures", bool(report.gallery.pictures)),
        ("findings", "Findings", has),
        ("pairs", "Same picture twice", bool(report.gallery.pairs)),
        ("rules", "Rules", has),
        ("dataset", "Dataset", any(report.splits.values())),
        ("coverage", "What was checked", True),
    )
    items = [el("li", el("a", title, href=f"#{name}")) for name, title, there in links if there]
    return el("nav", el("ul", *items), aria_label="Contents")


def _first(report: Report) -> Html:
    groups = list(report.by_rule().items())[:_FIRST]
    if not groups:
        return Html()
    title = "What to do first" if report.exit_code else "Worth a look"
    return el(
        "section",
        el("h2", title, id="first-title"),
        el("ol", *(_task(report, rule, findings) for rule, findings in groups), class_="cards tasks"),
        id="first",
        aria_labelledby="first-title",
    )


def _task(report: Report, rule: str, findings: list[Finding]) -> Html:
    text, outcome = report.rules[rule], report.outcome(rule)
    worst = findings[0]
    others = f", and {outcome.found - 1:,} more in {count(outcome.files, 'file')}" if outcome.found > 1 else ""
    return el(
        "li",
        el("p", badge(worst.severity), " ", el("span", rule, class_="id")),
        el("h3", text.name.replace("-", " ").capitalize()),
        el("p", text.what),
        el(
            "dl",
            el("dt", "Where"),
            el("dd", el("code", visible(str(worst.place))), others),
            el("dt", "What"),
            el("dd", _sentence(worst.message)),
            el("dt", "Do this"),
            el("dd", el("strong", text.fix)),
        ),
        _show(rule, f"Show {'it' if outcome.found == 1 else f'all {len(findings):,}'}", text.name),
        class_=f"card {worst.severity.word}",
    )


def _sentence(message: str) -> str:
    shown = visible(message)
    return f"{shown[:1].upper()}{shown[1:]}."


def _show(rule: str, words: str, name: str) -> Html:
    """A button that filters; the script uncovers it, since it does nothing without one."""
    return el("button", words, type="button", class_="show", data_rule=rule, aria_label=f"{words}: {name}", hidden=True)


def _filters(report: Report) -> Html:
    if not report.new_findings:
        return Html()
    choices = [
        el("label", title, el("select", el("option", f"Any {title.lower()}", value=""), id=f"by-{name}"))
        for name, title in (("rule", "Rule"), ("severity", "Severity"), ("split", "Split"), ("class", "Class"))
    ]
    search = el(
        "label", "File", el("input", type="search", id="by-file", placeholder="Part of a path", spellcheck="false")
    )
    reset = el("button", "Clear", type="button", id="clear")
    status = el("p", id="count", role="status", aria_live="polite")
    return join(
        [
            el("form", *choices, search, reset, status, role="search", aria_label="Filter", id="filter", hidden=True),
            el("noscript", el("p", _WITHOUT_SCRIPT, class_="about")),
        ]
    )


_WITHOUT_SCRIPT = (
    "Without a script this page cannot filter, enlarge or list single findings. "
    "Rules, pictures and charts are all here."
)


def _findings(report: Report) -> Html:
    found = report.new_findings
    if not found:
        return Html()
    left = len(found) - MOST_FINDINGS
    more = el("p", f"{left:,} more findings stand in the JSON report.", class_="about") if left > 0 else Html()
    head = el("tr", *(el("th", title, scope="col") for title in ("Level", "Rule", "Where", "What")))
    pager = el(
        "nav",
        el("button", "Previous", type="button", id="previous"),
        el("span", id="page"),
        el("button", "Next", type="button", id="next"),
        aria_label="Pages of findings",
        class_="pager",
    )
    listing = el("table", el("caption", "Findings, worst first"), el("thead", head), el("tbody", id="rows"))
    return el(
        "section",
        el("h2", "Findings", id="findings-title"),
        el("div", listing, class_="wide", tabindex=0, role="region", aria_label="Table of findings"),
        pager,
        more,
        id="findings",
        aria_labelledby="findings-title",
    )


def _rules(report: Report) -> Html:
    """Every rule that found something; this part has to do where no script runs."""
    groups = report.by_rule()
    if not groups:
        return Html()
    rows = []
    for rule, findings in groups.items():
        text, outcome = report.rules[rule], report.outcome(rule)
        name = join([el("b", text.name), " ", el("span", rule, class_="id"), el("br"), text.what])
        found = join([f"{outcome.found:,}", " ", _show(rule, "Show", text.name)])
        first = el("code", visible(str(findings[0].place)))
        rows.append((name, badge(findings[0].severity), found, f"{outcome.files:,}", first, text.fix))
    head = ("Rule", "Level", "Findings", "Files", "First", "What to do")
    listing = table("Rules that found something, worst first", head, rows)
    return el(
        "section",
        el("h2", "Rules", id="rules-title"),
        el("div", listing, class_="wide", tabindex=0, role="region", aria_label="Table of rules"),
        id="rules",
        aria_labelledby="rules-title",
    )


def _coverage(report: Report) -> Html:
    lines = [
        el("li", f"{visible(line, most=2000)[:1].upper()}{visible(line, most=2000)[1:]}.") for line in coverage(report)
    ]
    return el(
        "section",
        el("h2", "What was checked", id="coverage-title"),
        el("ul", *lines, class_="lines"),
        id="coverage",
        aria_labelledby="coverage-title",
    )


_VIEWER = """<dialog id="viewer" aria-labelledby="viewer-title">
<div class="bar"><h2 id="viewer-title"></h2><button type="button" id="viewer-close">Close</button></div>
<div class="stage" id="viewer-stage"></div>
<div class="told"><p id="viewer-about" class="about"></p><ul id="viewer-findings"></ul>
<ul id="viewer-classes" class="classes" aria-label="Classes drawn"></ul></div>
<div class="bar"><button type="button" id="viewer-previous">Previous</button><span id="viewer-place"></span>
<button type="button" id="viewer-next">Next</button>
<button type="button" id="viewer-shapes" aria-pressed="true">Objects</button></div>
</dialog>"""


def _viewer() -> Html:
    """The enlarged picture; the script fills it."""
    return Html(_VIEWER)
