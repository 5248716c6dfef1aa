"""Untrusted text for each sink."""

from __future__ import annotations

import json
from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hubaction.report.escape import (
    html_data,
    html_text,
    log_line,
    markdown,
    markdown_code,
    mermaid_label,
    sarif_text,
    visible,
    xml_text,
)

SPECIAL = (
    ":#[]\\|`*_~<>!$&@.wW\r\n\t \u200b\xad\x00\u2028\u2029\x85\xa0\u202e\u2066\ufeff\u3000\x1b\ud800\udcff\U0001f63a"
)
TEXTS = st.text(st.one_of(st.characters(exclude_categories=[]), st.sampled_from(SPECIAL)), max_size=400)

VISIBLE = {
    "plain": ("a b", "a b"),
    "empty": ("", ""),
    "line ends": ("a\r\nb", "a\\r\\nb"),
    "tab and NUL": ("\t\x00", "\\t\\x00"),
    "escape": ("\x1b[31m", "\\x1b[31m"),
    "C1 control": ("\x9b31m", "\\x9b31m"),
    "zero-width": ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
    "soft hyphen": ("a\xadb", "a\\xadb"),
    "bidirectional": ("\u202e\u2066\u200f\u061c", "\\u202e\\u2066\\u200f\\u061c"),
    "line separators": ("\u2028\u2029\x85", "\\u2028\\u2029\\x85"),
    "blanks": ("\xa0\u3000\u2003", "\\xa0\\u3000\\u2003"),
    "lone surrogates": ("\ud83d\udcff", "\\ud83d\\udcff"),
    "letters of the world": ("äß猫Ω😺", "äß猫Ω😺"),
    "backslash": ("a\\nb", "a\\nb"),
}

LOG = {
    "plain": ("hello", "hello"),
    "command": ("::error::m", "| ::error::m"),
    "indented command": ("   ::error::m", "|    ::error::m"),
    "in the middle": ("a ::error::m", "a ::error::m"),
    "old syntax": ("a ##[error]m", "a ##\\[error]m"),
    "twice": ("##[a]##[b]", "##\\[a]##\\[b]"),
    "more hashes": ("####[error]m", "####\\[error]m"),
    "headings": ("## [x]", "## [x]"),
    "line feed": ("a\n::error::m", "a\\n::error::m"),
}

MARKDOWN = {
    "plain": ("a b", "a b"),
    "script": ("<b>", "&#60;b&#62;"),
    "entity": ("&lt;", "&#38;lt;"),
    "cell": ("a|b", "a&#124;b"),
    "code": ("`a`", "&#96;a&#96;"),
    "mention": ("@you", "&#64;<!-- -->you"),
    "issue": ("#1", "&#35;<!-- -->1"),
    "link": ("[a](b)", "&#91;a&#93;(b)"),
    "picture": ("![a](b)", "&#33;&#91;a&#93;(b)"),
    "address": ("https://x", "https&#58;<!-- -->//x"),
    "bare address": ("WwW.x.y", "WwW&#46;<!-- -->x.y"),
    "emphasis": ("*a* _b_ ~c~", "&#42;a&#42; &#95;b&#95; &#126;c&#126;"),
    "mathematics": ("$x$", "&#36;<!-- -->x&#36;<!-- -->"),
    "backslash": ("\\|", "&#92;&#124;"),
    "line feed": ("a\nb", "a&#92;nb"),
    "short reference": ("GH-1 gh-2 x-3", "GH&#45;<!-- -->1 gh&#45;<!-- -->2 x-3"),
    "e-mail": ("a@b.cc", "a&#64;<!-- -->b.cc"),
    "emoji": (":tada: x", "&#58;<!-- -->tada: x"),
    "colon of a sentence": ("a: b:", "a: b:"),
}


@pytest.mark.parametrize(("text", "expected"), VISIBLE.values(), ids=VISIBLE)
def test_visible(text: str, expected: str) -> None:
    assert visible(text) == expected


@pytest.mark.parametrize(("text", "expected"), LOG.values(), ids=LOG)
def test_log_line(text: str, expected: str) -> None:
    assert log_line(text) == expected


@pytest.mark.parametrize(("text", "expected"), MARKDOWN.values(), ids=MARKDOWN)
def test_markdown(text: str, expected: str) -> None:
    assert markdown(text) == expected
    assert markdown_code(text) == f"<code>{expected}</code>"


@pytest.mark.parametrize(
    ("length", "most", "shown"),
    [(300, 300, 300), (301, 300, 301), (5000, 300, 301), (5000, 500, 501), (5000, None, 5000)],
)
def test_the_middle_of_a_long_text_is_left_out(length: int, most: int | None, shown: int) -> None:
    text = f"start{'x' * (length - 8)}end"
    result = visible(text, most=most)
    assert len(result) == shown
    assert (result.startswith("start"), result.endswith("end")) == (True, True)
    assert ("…" in result) is (result != text)


@given(TEXTS)
def test_visible_is_one_line_of_printable_text(text: str) -> None:
    shown = visible(text)
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)
    assert shown.splitlines() in ([shown], [])
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert len(shown) <= 301
    assert visible(shown) == shown


@pytest.mark.parametrize("character", ["\U000e0041", "\U0001d173", "\U0001bca0", "\u0600"])
def test_visible_shows_every_format_character(character: str) -> None:
    assert visible(f"a{character}b") == f"a{character.encode('unicode_escape').decode()}b"


@given(TEXTS)
@example("\u200b::error::m")
@example("##\u200b[error]m")
@example("#\xad#[error]m")
@example("###[error]m ##[warning]n")
def test_a_log_line_is_never_a_command(runner: ModuleType, text: str) -> None:
    line = log_line(text)
    assert runner.parse_command(line) is None
    assert runner.split_lines(line.encode("utf-8")) in ([line], [])


@given(
    st.lists(
        st.sampled_from(["::", ":", "##[", "#", "[", "]", "error", " ", "add-mask", "\\", "\u200b", "m"]), max_size=9
    )
)
def test_pieces_of_commands_never_make_one(runner: ModuleType, pieces: list[str]) -> None:
    assert runner.parse_command(log_line("".join(pieces))) is None
    assert runner.parse_command("      " + log_line("".join(pieces))) is None


@given(TEXTS)
def test_markdown_renders_back_to_the_visible_text(page: ModuleType, text: str) -> None:
    rendered = page.Page(f"x{markdown(text)}x")
    assert rendered.tags == ["p"]
    assert rendered.text.rstrip("\n") == f"x{visible(text)}x"


@given(
    st.lists(
        st.sampled_from(
            ["@", "#", ":", "//", "www", ".", "GH-", "gh", "-", "$", "1", "ab", "http", "mailto", " ", "/"]
        ),
        max_size=12,
    )
)
def test_pieces_of_references_never_make_one(page: ModuleType, pieces: list[str]) -> None:
    rendered = page.Page(f"x {markdown(''.join(pieces))} {markdown_code(''.join(pieces))}")
    assert not rendered.references
    assert not rendered.foreign


XML = {
    "plain": ("a b", "a b"),
    "elements": ("<a b='c' d=\"e\">", "&lt;a b=&#x27;c&#x27; d=&quot;e&quot;&gt;"),
    "entities": ("&lt;", "&amp;lt;"),
    "end of CDATA": ("]]>", "]]&gt;"),
    "control characters": ("\x00\x0b\ufffe\ud800", "\\x00\\x0b\\ufffe\\ud800"),
    "line feed": ("a\nb", "a\\nb"),
    "bidirectional": ("\u202e", "\\u202e"),
}


@pytest.mark.parametrize(("text", "expected"), XML.values(), ids=XML)
def test_xml_and_html(text: str, expected: str) -> None:
    assert xml_text(text) == html_text(text) == expected


def test_a_page_shows_more_of_a_long_text() -> None:
    assert (len(xml_text("x" * 5000)), len(html_text("x" * 5000))) == (301, 2001)


@pytest.mark.parametrize("text", ["[a](b)", "[a]\n(b)", "a[](https://x)"])
def test_a_message_in_sarif_holds_no_link(text: str) -> None:
    assert "](" not in sarif_text(text)
    assert sarif_text("x](y") == "x] (y"


def test_data_in_a_page_ends_no_element() -> None:
    hostile = ["</script><!-- <script>&\u2028\ud800"]
    assert not set(html_data(hostile)) & set("<>&\u2028")
    assert html_data(hostile).isascii()
    assert json.loads(html_data(hostile)) == hostile


LABELS = {
    "a name": ("cat", True),
    "signs": ("a b_c.d-e,f", True),
    "percent": ("50 % and more", True),
    "comment": ("50 %% and more", False),
    "24 characters": ("n" * 24, True),
    "25 characters": ("n" * 25, False),
    "empty": ("", False),
    "end of the label": ('a"', False),
    "entity": ("#quot;", False),
    "number in brackets": ("(7)", False),
    "letters of the world": ("äß猫", False),
    "line feed": ("a\n", False),
}


@pytest.mark.parametrize(("text", "taken"), LABELS.values(), ids=LABELS)
def test_mermaid_label(text: str, taken: bool) -> None:
    assert mermaid_label(text, "(7)") == (text if taken else "(7)")


@given(TEXTS)
def test_markdown_is_one_cell_of_a_table(page: ModuleType, text: str) -> None:
    table = f"| a | b |\n| :-- | :-- |\n| {markdown(text)} | {markdown_code(text)} |\n"
    rendered = page.Page(table)
    assert rendered.rows[1:] == [[visible(text).strip(), visible(text)]] or not text.strip()
    assert not rendered.foreign
