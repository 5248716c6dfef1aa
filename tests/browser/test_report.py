"""The HTML report as a browser shows it: what is seen, what the filters and the keyboard do, and what never runs."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tab import Tab, check

MOST_MILLISECONDS = 200  # for a filter on 10,000 findings


@pytest.fixture
def page(tab: Tab, broken: Path) -> Tab:
    tab.open(broken)
    return tab


def rows(tab: Tab) -> list[str]:
    return [row.text for row in tab.all("#rows tr")]


def test_the_console_stays_empty(page: Tab) -> None:
    assert page.complaints() == []


def test_the_first_screen_says_whether_it_passes_what_is_worst_where_and_what_to_do(page: Tab) -> None:
    height = page.run("return window.innerHeight")
    seen = [element for element in page.all("h1, #first *, main section:first-of-type *") if element.rect["y"] < height]
    text = " ".join(element.text for element in seen)
    assert "Failed" in page.one("h1").text
    assert "labels/train/scene_07.txt:2:13" in text
    assert "Divide x and w by the width" in text


def test_pictures_show(page: Tab) -> None:
    sizes = page.run(
        "return Promise.all([...document.querySelectorAll('svg image')].map(async (one) => {"
        " const image = new Image(); image.src = one.getAttribute('href'); await image.decode();"
        " return image.naturalWidth * image.naturalHeight; }))"
    )
    assert len(sizes) >= 8
    assert min(sizes) > 0
    pictured = [figure for figure in page.shown("#sheet figure") if figure.find_elements("css selector", "use")]
    assert all(page.colours(figure.find_element("css selector", "svg")) > 100 for figure in pictured)


def test_the_object_at_fault_is_red(page: Tab) -> None:
    bad = page.one("#sheet .bad")
    red, green, blue = page.run(
        "return getComputedStyle(arguments[0]).stroke.match(/[0-9.]+/g).slice(0, 3).map(Number)", bad
    )
    assert red > 2 * max(green, blue)


@pytest.mark.parametrize(
    ("name", "choice"),
    [("rule", "G401"), ("severity", "warning"), ("split", "val"), ("class", "")],
    ids=["rule", "severity", "split", "class"],
)
def test_a_filter_leaves_what_it_names(page: Tab, name: str, choice: str) -> None:
    before = rows(page)
    select = page.one(f"#by-{name}")
    options = [option.text.strip() for option in select.find_elements("tag name", "option")][1:]
    text = next(option for option in options if option.startswith(choice))
    page.choose(name, text)
    number = int(text.rpartition("(")[2].rstrip(")").replace(",", ""))
    assert len(rows(page)) == number < len(before)
    assert page.one("#count").text.startswith(f"{number} of {len(before)} findings")
    page.one("#clear").click()
    assert rows(page) == before


def test_a_part_of_a_path_filters_findings_and_pictures(page: Tab) -> None:
    page.one("#by-file").send_keys("SCENE_07")
    assert rows(page)
    assert all("scene_07" in row for row in rows(page))
    assert [figure.text for figure in page.shown("#sheet figure") if "scene_07" not in figure.text] == []
    page.one("#by-file").send_keys("no such file")
    assert rows(page) == []
    assert page.one("#page").text == "Nothing fits the filter."


def test_the_keyboard_opens_a_picture_goes_on_and_comes_back(page: Tab) -> None:
    opener = page.one("#sheet button")
    page.run("arguments[0].focus()", opener)
    keys = ActionChains(page.driver)
    keys.send_keys(Keys.ENTER).perform()
    first = page.one("#viewer-title").text
    assert page.one("#viewer").is_displayed()
    assert "scene_07" in first
    assert page.colours(page.one("#viewer-stage")) > 100
    keys.send_keys(Keys.ARROW_RIGHT).perform()
    assert page.one("#viewer-title").text != first
    keys.send_keys(Keys.ESCAPE).perform()
    assert not page.one("#viewer").is_displayed()
    assert page.run("return document.activeElement.closest('#sheet') !== null")


def test_tab_reaches_every_control_in_the_order_in_which_they_stand(page: Tab) -> None:
    keys = ActionChains(page.driver)
    page.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    tops = []
    for _ in range(25):
        keys.send_keys(Keys.TAB).perform()
        active = page.run(
            "const at = document.activeElement.getBoundingClientRect();"
            "return [Math.round(at.top + window.scrollY), getComputedStyle(document.activeElement).outlineStyle]"
        )
        assert active[1] != "none"
        tops.append(active[0])
    sticky = {top for top in tops if tops.count(top) > 4}
    flowing = [top for top in tops if top not in sticky]
    assert len(set(tops)) > 5
    assert all(later >= earlier - 60 for earlier, later in pairwise(flowing))


def test_every_control_has_a_name_for_a_screen_reader(page: Tab) -> None:
    tree = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    controls = [node for node in tree if node.get("role", {}).get("value") in {"button", "combobox", "textbox", "link"}]
    assert len(controls) > 20
    assert [node for node in controls if not node.get("name", {}).get("value", "").strip()] == []
    roles = {node.get("role", {}).get("value") for node in tree}
    assert {"main", "banner", "table", "heading", "status"} <= roles


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_dark(page: Tab, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    dim = page.run(CONTRAST)
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert dim == []


CONTRAST = """
  const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const parts = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')]
    .filter((one) => [...one.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
    .filter((one) => one.offsetParent && one.offsetWidth > 1 && !one.closest('svg, .unseen, caption') && !one.disabled)
    .map((one) => [light(parts(getComputedStyle(one).color)), light(behind(one)), one.textContent.trim().slice(0, 40)])
    .filter(([front, back]) => (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05) < 4.5)
    .map(([, , text]) => text);
"""
"""Texts whose contrast is below 4.5, the least of WCAG 2.2 AA."""


def test_a_narrow_screen_needs_no_sideways_scrolling(page: Tab) -> None:
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    )
    wide = page.run("return document.documentElement.scrollWidth")
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= 390


def test_without_scripts_verdict_and_rules_are_there(page: Tab, broken: Path) -> None:
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    page.open(broken)
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "Failed" in page.one("h1").text
    assert "G401" in page.one("main").text


def test_ten_thousand_findings_filter_at_once(tab: Tab, huge: Path) -> None:
    tab.open(huge)
    assert "10,000 findings" in tab.one("#count").text
    times = tab.run(
        """
        const time = (id, value) => {
          const input = document.getElementById(id), start = performance.now();
          input.value = value;
          input.dispatchEvent(new Event('input', { bubbles: true }));
          document.body.getBoundingClientRect();
          return performance.now() - start;
        };
        return [time('by-severity', '2'), time('by-file', 'copy0'), time('by-file', 'copy01'), time('by-rule', '1'),
                time('by-file', ''), time('by-severity', '')];
        """
    )
    assert max(times) < MOST_MILLISECONDS
    assert len(tab.all("#rows tr")) <= 100


SCRIPT = "<img src=x onerror=window.hacked=1>"


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on a dataset whose every name is an attack."""
    root = tmp_path_factory.mktemp("hostile") / "set"
    for split in ("train", "val"):
        (root / "images" / split).mkdir(parents=True)
        (root / "labels" / split).mkdir(parents=True)
        for at, name in enumerate(["<img src=x onerror=alert(1)>", "javascript:alert(1)", "';alert(1)", '" onload="x']):
            stem = f"{name}{at}".replace("/", "")
            Image.effect_noise((96, 96), 60 + at).save(root / "images" / split / f"{stem}.jpg")
            rows = "0 0.5 0.5 0.2 0.2\n1 1.5 0.5 0.2 0.2\n" if at else "<b>x</b> 1 1 1 1\n"
            (root / "labels" / split / f"{stem}.txt").write_text(rows)
    names = [SCRIPT, "</script><script>window.hacked=1</script>", "'\"><svg onload=window.hacked=1>"]
    listed = "".join(f"  {at}: {json_string(name)}\n" for at, name in enumerate(names))
    (root / "data.yaml").write_text(f"train: images/train\nval: images/val\nnames:\n{listed}")
    return check(root, tmp_path_factory.mktemp("hostile-report"))


def json_string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_a_hostile_dataset_runs_no_script_and_makes_no_markup(tab: Tab, hostile: Path) -> None:
    tab.open(hostile)
    for button in tab.shown("#sheet button")[:2]:
        button.click()
        tab.one("#viewer-close").click()
    assert tab.run("return window.hacked") is None
    assert tab.all("img, iframe, object, embed, b > img, [onerror], [onload], [onclick]") == []
    assert tab.complaints() == []
    assert SCRIPT in tab.one("main").get_attribute("textContent")


def test_the_policy_stops_a_script_that_got_in(tab: Tab, broken: Path, tmp_path: Path) -> None:
    """Were the escaping ever wrong, the policy of the page would still hold."""
    page = tmp_path / "page.html"
    page.write_text(
        broken.read_text().replace("<main", f"{SCRIPT}<script>window.hacked=1</script><main", 1), encoding="utf-8"
    )
    tab.open(page)
    assert tab.run("return window.hacked") is None
    assert any("Content Security Policy" in message for message in tab.complaints())
