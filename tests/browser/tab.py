"""What a user sees of a page in the browser, and the reports that it opens."""

from __future__ import annotations

import base64
import dataclasses
import io
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from hubaction.report.model import Report

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Tab:
    """The browser with a page open, by what a user sees of it."""

    driver: Chrome

    def open(self, path: Path) -> None:
        """Open a file, with the console and dialogs listened to from its first line on."""
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get(path.as_uri())

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def shown(self, selector: str) -> list[WebElement]:
        return [element for element in self.all(selector) if element.is_displayed()]

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def complaints(self) -> list[str]:
        """What the console holds, refusals of the content security policy included."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def choose(self, name: str, text: str) -> None:
        """Pick the first choice of a filter that begins with a text."""
        select = Select(self.one(f"#by-{name}"))
        select.select_by_visible_text(next(one.text for one in select.options if one.text.startswith(text)))

    def colours(self, element: WebElement) -> int:
        """Number of colours in a picture of an element: 1 where it is blank."""
        box = self.run(
            "const box = arguments[0].getBoundingClientRect();"
            "return { x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height, scale: 1 }",
            element,
        )
        options = {"format": "png", "clip": box, "captureBeyondViewport": True}
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", options)["data"]
        with Image.open(io.BytesIO(base64.b64decode(shot))) as image:
            pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
        return len(np.unique(pixels, axis=0))


def check(dataset: Path, out: Path) -> Path:
    """The HTML report of a dataset, made by the command line; report.json lies beside it."""
    command = [sys.executable, "-m", "hubaction", "check-dataset", str(dataset), "--output-dir", str(out), "--quiet"]
    done = subprocess.run([*command, "--formats", "html,json"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode in {0, 1}, done.stderr
    return out / "report.html"


def many(report: Report, number: int) -> Report:
    """The findings again and again, each time in other files."""
    findings = []
    while len(findings) < number:
        for finding in report.findings:
            place = finding.place
            path = place.path.replace("scene_", f"copy{len(findings):05}_")
            findings.append(dataclasses.replace(finding, place=dataclasses.replace(place, path=path)))
    gallery = dataclasses.replace(report.gallery, classes=())
    return dataclasses.replace(report, findings=(*report.findings, *findings)[:number], gallery=gallery)
