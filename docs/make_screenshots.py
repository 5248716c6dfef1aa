"""The pictures of README.md: the HTML report and the job summary of the broken sample, as a browser shows them.

    python docs/make_screenshots.py        writes docs/images/*.png

It needs chromium, a font with emoji and requirements/dev.txt. The summary is rendered with GitHub's own Markdown
library (cmark-gfm) and a style close to GitHub's; its charts, which GitHub draws with mermaid, are left out.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hubaction.report.json_report import read_report  # noqa: E402 - found beside this script
from hubaction.report.summary import render_summary  # noqa: E402

SAMPLE = "examples/shapes-broken"
COLOURS = 128  # a screenshot of text and a few photos needs no more, and is a third as large
STYLE = """
body { font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; color: #1f2328;
       margin: 24px 32px; width: 896px; }
h2 { font-size: 21px; border-bottom: 1px solid #d1d9e0; padding-bottom: 5px; }
h3 { font-size: 17px; }
table { border-collapse: collapse; margin: 0 0 16px; }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px; }
tr:nth-child(2n) { background: #f6f8fa; }
code { font: 12px ui-monospace, "Liberation Mono", monospace; background: #818b981f; padding: 2px 5px;
       border-radius: 6px; }
"""
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run --hide-scrollbars "
    "--disable-background-networking --disable-component-update --disable-sync --force-prefers-reduced-motion"
).split()


def shoot(page: str, name: str, size: tuple[int, int]) -> None:
    """Write a picture of a page, ``size`` in CSS pixels."""
    with tempfile.TemporaryDirectory() as folder:
        source, shot = Path(folder, "page.html"), Path(folder, "shot.png")
        source.write_text(page, encoding="utf-8")
        command = [shutil.which("chromium") or "chromium", *FLAGS, f"--user-data-dir={folder}/profile"]
        command += [f"--window-size={size[0]},{size[1]}", f"--screenshot={shot}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        with Image.open(shot) as image:
            small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            small.save(ROOT / "docs" / "images" / name, optimize=True)


def summary_page(markdown: str) -> str:
    """The summary as a page."""
    without_charts = re.sub(r"```mermaid\n.*?```\n", "", markdown, flags=re.DOTALL)
    body = cmarkgfm.github_flavored_markdown_to_html(without_charts, options=Options.CMARK_OPT_UNSAFE)
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}"


def main() -> None:
    """Check the sample and write its pictures."""
    (ROOT / "docs" / "images").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hubaction", "check-dataset", SAMPLE, "--quiet", "--output-dir", folder]
        subprocess.run([*command, "--formats", "html,json"], cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
        html, report = Path(folder, "report.html").read_text(), read_report(Path(folder, "report.json").read_text())
    shoot(html, "report.png", (1240, 1530))
    shoot(summary_page(render_summary(report)), "summary.png", (960, 1000))


if __name__ == "__main__":
    main()
