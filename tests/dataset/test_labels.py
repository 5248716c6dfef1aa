"""The grammar of label text (reference, section 10), and the place of what breaks it."""

from __future__ import annotations

from typing import Any

import pytest

from hubaction.dataset.labels import LabelColumns, join_tables, token_column

ROW = [0, 0.5, 0.5, 0.25, 0.25]
OTHER = [1, 0.25, 0.25, 0.125, 0.125]
TEXT, MORE = "0 .5 .5 .25 .25", "1 .25 .25 .125 .125"


def parse(text: str | bytes) -> LabelColumns:
    columns = LabelColumns()
    columns.add_text(text.encode() if isinstance(text, str) else text)
    return columns


def rows(text: str | bytes) -> list[list[float]]:
    """The rows of one file; fails where the text is not numbers."""
    columns = parse(text)
    assert columns.problems == []
    starts = [0, *columns.row_stops[:-1]]
    return [list(columns.values[start:stop]) for start, stop in zip(starts, columns.row_stops, strict=False)]


def problem(text: str | bytes) -> tuple[str, int | None, int | None, str]:
    (found,) = parse(text).problems
    return found.kind.name, found.line, found.column, found.value


# --- white space and lines --------------------------------------------------------------------------------------------

NEWLINES = ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
BLANKS = [" ", "\t", "  \t ", "\xa0", "\u3000", "\x1f", "\u2003", "\u1680"]


@pytest.mark.parametrize("newline", NEWLINES, ids=lambda c: c.encode("unicode_escape").decode())
def test_newlines(newline: str) -> None:
    assert rows(f"{TEXT}{newline}{MORE}") == [ROW, OTHER]


@pytest.mark.parametrize("blank", BLANKS, ids=lambda c: c.encode("unicode_escape").decode())
def test_blanks_between_tokens(blank: str) -> None:
    assert rows(blank + TEXT.replace(" ", blank) + blank) == [ROW]


@pytest.mark.parametrize(
    "blank", ["\u200b", "\ufeff", ",", ";", "\0"], ids=["zwsp", "bom", "comma", "semicolon", "nul"]
)
def test_what_is_no_blank(blank: str) -> None:
    assert problem(TEXT.replace(" ", blank))[:3] == ("TOKEN_NOT_NUMBER", 1, 1)


@pytest.mark.parametrize("text", ["", "\n", "\n\n\n", " ", " \t\r\n \n", "\u3000\n\v"])
def test_no_rows(text: str) -> None:
    assert rows(text) == []


def test_empty_lines_are_no_rows() -> None:
    columns = parse(f"\n\n{TEXT}\n\n\n{MORE}\n\n")
    assert list(columns.lines) == [3, 6]


def test_blank_line_between_rows_is_an_empty_row() -> None:
    columns = parse(f"{TEXT}\n \n{MORE}\n")
    assert rows(f"{TEXT}\n \n{MORE}\n") == [ROW, [], OTHER]
    assert list(columns.lines) == [1, 2, 3]


@pytest.mark.parametrize("text", [f" \n{TEXT}", f"{TEXT}\n \n", f"\t\n \n{TEXT}\n \n\u3000"])
def test_blank_lines_around_the_rows_are_nothing(text: str) -> None:
    assert rows(text) == [ROW]


def test_last_line_needs_no_newline() -> None:
    assert rows(f"{TEXT}\n{MORE}") == rows(f"{TEXT}\n{MORE}\n")


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("1", 1.0),
        ("+1", 1.0),
        ("-0", 0.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e-3", 0.001),
        ("1E+3", 1000.0),
        ("1_0.5_0", 10.5),
        ("１２", 12.0),
        ("٣.٥", 3.5),
        ("inf", float("inf")),
        ("-Infinity", float("-inf")),
        ("007", 7.0),
        ("1e999", float("inf")),
    ],
)
def test_tokens_that_are_numbers(token: str, value: float) -> None:
    assert rows(token) == [[value]]


def test_nan_is_a_number_of_the_grammar() -> None:
    assert repr(rows("nan -NaN")) == "[[nan, nan]]"


@pytest.mark.parametrize(
    "token", ["0x10", "1,5", "1__0", "_1", "1_", "1e", "e5", "--1", "1-", "abc", "1.2.3", "½", "١,٢"]
)
def test_tokens_that_are_no_numbers(token: str) -> None:
    assert problem(f"0 {token} 1") == ("TOKEN_NOT_NUMBER", 1, 3, token)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("x 1 2", 1, 1),
        ("1 2\n3 x", 2, 3),
        ("1 2\r\n\r\n 3\t\t x", 3, 6),
        ("1\n2\n3 1 11 1x", 3, 8),
        ("äö 1", 1, 1),
        ("1 1x 1x", 1, 3),
        ("\u3000\u30001 x", 1, 5),
    ],
)
def test_place_of_a_bad_token(text: str, line: int, column: int) -> None:
    assert problem(text)[1:3] == (line, column)


def test_long_token_is_cut() -> None:
    assert problem("y" * 1000)[3] == "y" * 40


def test_bad_token_leaves_no_rows() -> None:
    columns = parse(f"{TEXT}\n{MORE}\nx")
    assert (len(columns.values), len(columns.lines), len(columns.row_stops)) == (0, 0, 0)
    assert list(columns.file_stops) == [0]


@pytest.mark.parametrize(
    ("raw", "line"), [(b"\xff", 1), (b"0 1\n\n0 \xe4", 3), (TEXT.encode("utf-16"), 1), (b"\xed\xa0\x80", 1)]
)
def test_text_that_is_no_utf8(raw: bytes, line: int) -> None:
    assert problem(raw)[:2] == ("LABEL_ENCODING", line)


def test_bom_spoils_the_first_token() -> None:
    assert problem(TEXT.encode("utf-8-sig")) == ("TOKEN_NOT_NUMBER", 1, 1, "\ufeff0")


@pytest.mark.parametrize(("token", "column"), [(0, 1), (1, 3), (2, 7), (3, 11)])
def test_column_of_a_token(token: int, column: int) -> None:
    assert token_column(b"x\n1 11  111 1\n", 2, token) == column


# --- in a dataset -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "line", "column"),
    [
        ("0 .5 .5 .2 .2\n0 .5 .5 x .2\n", "TOKEN_NOT_NUMBER", 2, 9),
        (b"0 .5 .5 .2 \xff.2\n", "LABEL_ENCODING", 1, None),
        ("0 .5 .5 .2\n", "COLUMN_COUNT", 1, None),
        ("0 .5 .5 .2 .2\n \n0 .4 .4 .2 .2\n", "COLUMN_COUNT", 2, None),
        ("0 .5 .5 .2 .2 .9\n", "COLUMN_COUNT", 1, None),
        ("0 .1 .1 .2 .2 .3 .3 .4\n", "POLYGON_COLUMNS", 1, None),
        ("0 .1 .1 .2 .2 .3 .3\n0\n", "POLYGON_COLUMNS", 2, None),
        ("0 .1 .1 .2 .2 .3 .3\n \n0 .1 .1 .2 .2 .3 .4\n", "POLYGON_COLUMNS", 2, None),
        ("\n0 .5   1.5 .2 .2\n", "NOT_NORMALISED", 2, 8),
        ("0 .5 .5 .2 -.2\n", "NEGATIVE_VALUE", 1, 12),
        ("0 .5 .5 nan .2\n", "VALUE_NOT_FINITE", 1, 9),
        ("0 .5 .5 inf .2\n", "NOT_NORMALISED", 1, 9),
        ("  2 .5 .5 .2 .2\n", "CLASS_TOO_LARGE", 1, 3),
        ("-1 .5 .5 .2 .2\n", "CLASS_NEGATIVE", 1, 1),
        ("0 .1 .1 1.2 .2 .3 .3\n", "NOT_NORMALISED", 1, 9),
    ],
)
def test_bad_row_drops_the_image_and_has_its_place(
    detect: Any, text: str | bytes, kind: str, line: int, column: int | None
) -> None:
    (defect,) = detect.label(text).defects()
    assert (defect.kind.name, defect.path, defect.line, defect.column) == (kind, "labels/train/a.txt", line, column)
    assert defect.split == "train"
    assert detect.rows() is None


def test_dropped_image_passes_the_former_check_and_fails_the_gate(detect: Any) -> None:
    detect.label("0 .5 .5 x .2\n")
    assert (detect.check("hub").exit_code, detect.check("default").exit_code) == (0, 1)


def test_label_of_a_dropped_image_is_not_looked_at(detect: Any) -> None:
    assert detect.label("x").image(b"no image").kinds() == ["IMAGE_UNREADABLE"]


def test_size_of_a_label_is_limited(detect: Any) -> None:
    size = len(detect.files["labels/train/a.txt"])
    assert detect.limit(max_label_bytes=size).kinds() == []
    found = detect.limit(max_label_bytes=size - 1).defects("LABEL_TOO_LARGE")
    assert [defect.path for defect in found] == [f"labels/{name}.txt" for name in ("train/a", "train/b", "val/c")]


def test_a_million_rows_within_the_limit(detect: Any) -> None:
    detect.method = 0
    detect.label("0 .5 .5 .1 .1\n" * 1_000_000).put("LICENSE", "MIT")
    dataset = detect.read()
    (defect,) = dataset.defects
    assert (defect.kind.name, defect.line, defect.detail["rows"]) == ("ROW_DUPLICATE", 2, 999_999)
    assert len(dataset.splits["train"].rows) == 1 + 2


# --- tables -----------------------------------------------------------------------------------------------------------


def table(*texts: str) -> Any:
    columns = LabelColumns()
    for text in texts:
        columns.add_text(text.encode())
    return columns.table()


def as_tuple(found: Any) -> tuple[Any, ...]:
    columns = (found.values, found.row_starts, found.lines, found.file_starts)
    return (*(column.tolist() for column in columns), found.problems)


def test_joined_tables_are_one() -> None:
    texts = ["0 1\n0 2 3\n", "", "x", "5\n", "bad y", "1 1"]
    assert as_tuple(join_tables([table(*texts[:2]), table(*texts[2:3]), table(*texts[3:])])) == as_tuple(table(*texts))


def test_slice_of_a_table_is_its_own_table() -> None:
    texts = ["0 1\n0 2 3\n", "", "x", "5\n", "bad y", "1 1"]
    assert as_tuple(table(*texts).slice(1, 5)) == as_tuple(table(*texts[1:5]))


def test_no_table_at_all() -> None:
    assert as_tuple(join_tables([])) == ([], [0], [], [0], [])
