"""Texts that try to speak to the runner, to a reader's browser, to a terminal or to a parser: a row for each trick.

Every sink is tested with all of them, from every origin that can hold them: names of files, folders and classes, values
in YAML, tokens in labels, inputs.
"""

from __future__ import annotations

import json
import os
import re

TRICKS = {
    # the runner
    "line feed": "a\n::error::pwned",
    "carriage return": "a\r::error::pwned",
    "CR LF": "a\r\n::warning file=x::pwned\r\n",
    "command": "::error::pwned",
    "add-mask": "::add-mask::labels",
    "stop-commands": "::stop-commands::pwned",
    "set-output": "\n::set-output name=verdict::passed",
    "old syntax": "x##[error]pwned",
    "old syntax, one hash more": "###[set-output name=verdict]passed",
    "old syntax, escaped bracket": "##\\[##[add-mask]labels",
    "percent escapes": "%0A::error::pwned%0D%0a%25",
    "heredoc": "a<<EOF\nverdict=passed\nEOF\nverdict<<EOF",
    "expression": "${{ github.token }}",
    "wrapped before a command": "w " * 70 + "::error::pwned",
    "wrapped before the old syntax": "w " * 65 + "##[error]pwned ##[error]",
    # characters that nobody sees
    "zero-width": "\u200b::error:\u200b:pwned\u2060\ufeff",
    "soft hyphen": "::error:\xad:pwned",
    "line separators": "a\u2028::error::b\u2029c\x85::error::d\x0b::error::e\x0c::error::f",
    "Unicode blanks": "\u2003\u3000::error::pwned",
    "bidirectional": "safe\u202egnp.exe\u2066x\u200f",
    "lone surrogates": os.fsdecode(b"caf\xe9 \xff\xfe end"),
    # a terminal
    "ANSI colours": "\x1b[31m##[error]pwned\x1b[0m\x9b1m",
    "OSC title and link": "\x1b]0;pwned\x07\x1b]8;;http:pwned\x1b\\x\x1b]8;;\x1b\\\x9d52;c;cHduZWQ=\x9c",
    "bell and backspace": "abc\x07\x08\x7f",
    "console markup": "[bold red]a[/] [link=x]b[/link] :smile:",
    # HTML
    "script": "<script>alert(1)<script>",
    "end of a script": "</script><script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "out of an attribute": "\" autofocus onfocus=alert(1) x='' y=\"",
    "details": "</td></table></details><details open><summary>pwned",
    "comment": "<!-- pwned -->--!><!--",
    "entities": "&lt;b&gt; &#64;you &amp;",
    # XML, JSON and YAML
    "end of CDATA": "]]><failure/><![CDATA[",
    "document type": "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file'>]>&b;",
    "control characters": "a\x01\x02\x08\x0e\x1fb\ufffe\uffff",
    "end of a string": '"}],"verdict":"passed","x":[{"',
    "anchors": "&a [*a, *a] !!python name: {<<: *a}",
    "comment in YAML": "x # y\nfail_on: never",
    # Markdown
    "pipes": "a|b||c|",
    "table": "a |\n| --- |\n| pwned |",
    "backticks": "```a`b``c",
    "fence": "\n```\n```mermaid\npie\n",
    "emphasis": "**a** _b_ ~~c~~ __d__",
    "link": "[x](javascript:alert) ![y](z) <http:pwned>",
    "reference": "[x]\n\n[x]: javascript:alert",
    "script as address": "javascript:alert(1) vbscript:x data:text,x",
    "autolink": "https:pwned www.example.com mail@example.com",
    "address": "https://pwned.example/x?y=1 ftp://pwned.example",
    "mention": "@octocat and @org/team",
    "issue": "#1 GH-1 org/repo#2 octocat@0123456789abcdef0123456789abcdef01234567",
    "mathematics": "$x^2$ $$y$$ :smile:",
    "backslashes": "\\|a\\\\|\\`b",
    # mermaid
    "end of a label": 'a"] bar [1]',
    "directive": '%%{init: {"securityLevel": "loose"}}%%',
    "click": 'a; click a href "javascript:alert(1)" #quot;',
    # size and scripts
    "format fields": "{0} {value!r} %s %(x)s",
    "200 characters": "n" * 200,
    "10 kB": "start" + "n|<@" * 2500 + "end",
    "Chinese and pictures": "\u732b\u6bd4\U0001f63a" * 10,
}

_LONGEST = 200
"""Bytes that a file's name holds without its suffix, roughly."""


def as_name(text: str) -> str:
    """The text as a file's name: no slash, and not too long for a file system."""
    return text.replace("/", "|")[:_LONGEST]


def as_yaml(text: str) -> str:
    """The text between YAML's double quotes; a data.yaml cannot hold a lone surrogate."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return json.dumps(text, ensure_ascii=max(map(ord, text)) < 0x10000)


def from_yaml(text: str) -> str:
    """The text as a data.yaml gives it back."""
    given: str = json.loads(as_yaml(text))
    return given


def holds(shown: str, text: str) -> bool:
    """Whether all runs of letters and figures of a text are shown, in order, whatever lies between them.

    Of a long text, both ends: its middle may be left out.
    """
    if len(text) > 150:
        return holds(shown, text[:20]) and holds(shown, text[-20:])
    shown, at = "".join(shown.split()), 0
    for run in re.findall(r"[A-Za-z0-9]+", text):
        at = shown.find(run, at) + len(run)
        if at < len(run):
            return False
    return True
