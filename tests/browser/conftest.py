"""A headless Chromium, and reports for it to open. `make browser` runs these tests; `make test` does not."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

sys.path.insert(0, str(Path(__file__).parent))

from tab import ROOT, Tab, check, many

from hubaction.report.html import render_html
from hubaction.report.json_report import read_report

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync --hide-scrollbars "
    "--force-prefers-reduced-motion --window-size=1280,900"
).split()


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    browser, its_driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not its_driver:
        pytest.fail("chromium and chromedriver are needed: on Debian, apt-get install chromium chromium-driver")
    options = ChromeOptions()
    options.binary_location = browser
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=Service(its_driver))
    yield driver
    driver.quit()


@pytest.fixture
def tab(driver: Chrome) -> Tab:
    return Tab(driver)


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the broken sample."""
    return check(ROOT / "examples" / "shapes-broken", tmp_path_factory.mktemp("broken"))


@pytest.fixture(scope="session")
def huge(broken: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same report with 10,000 findings."""
    report = read_report((broken.parent / "report.json").read_text())
    path = tmp_path_factory.mktemp("huge") / "report.html"
    path.write_text(render_html(many(report, 10_000)))
    return path
