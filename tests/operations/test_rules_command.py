"""``hubaction rules``: all rules in a table, one rule as an essay."""

from __future__ import annotations

import pytest

from hubaction.cli import main
from hubaction.rules import RULES


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["rules", *arguments]) == 0
    return capsys.readouterr().out


def test_the_table_has_every_rule_once(capsys: pytest.CaptureFixture[str]) -> None:
    first_words = [line.split()[0] for line in printed(capsys).split("\n") if line.strip()]
    assert [word for word in first_words if word in {rule.id for rule in RULES}] == [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_an_essay_says_everything_under_id_and_name(rule: object, capsys: pytest.CaptureFixture[str]) -> None:
    essay = printed(capsys, rule.id)  # type: ignore[attr-defined]
    assert printed(capsys, rule.name) == essay  # type: ignore[attr-defined]
    flat = " ".join(essay.split())
    texts = [getattr(rule, name) for name in ("what", "why", "fix", "bad", "good", "source", "later")]
    texts += [option.help for option in rule.options.values()]  # type: ignore[attr-defined]
    assert [text for text in texts if "".join(text.split()) not in "".join(flat.split())] == []


def test_a_wrong_name_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "clas-invalid"]) == 2
    assert "Did you mean class-invalid?" in capsys.readouterr().err
    assert main(["rules", "l306"]) == 2
    assert "Did you mean L306?" in capsys.readouterr().err
