"use strict";
// Shows and filters the findings. Text of the dataset only ever becomes text: textContent, never markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SEVERITIES = [["note", "●"], ["warning", "▲"], ["error", "✖"]];
  const ROWS = 100; // findings on a page of the table
  const FIRST_PICTURES = 12; // pictures before "show more"
  const [RULE, SEVERITY, PATH, LINE, COLUMN, SPLIT, CLASS, MESSAGE] = [0, 1, 2, 3, 4, 5, 6, 7];

  const byId = (id) => document.getElementById(id);
  const number = (value) => value.toLocaleString("en-US");

  function element(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  if (!data.findings.length) return;

  const paths = data.paths.map((path) => path.toLowerCase());
  const pictureOf = new Map(); // number of a finding -> number of its picture
  data.pictures.forEach((picture, index) => picture.findings.forEach((at) => pictureOf.set(at, index)));
  const figures = [...document.querySelectorAll("#sheet > li")];
  const inputs = Object.fromEntries(
    ["rule", "severity", "split", "class", "file"].map((name) => [name, byId(`by-${name}`)]),
  );
  let matching = []; // numbers of the findings that the filter lets through
  let page = 0;
  let allPictures = false;

  // --- filter ---------------------------------------------------------------------------------------------------

  function counted(column) {
    const counts = new Map();
    for (const finding of data.findings) counts.set(finding[column], (counts.get(finding[column]) || 0) + 1);
    return counts;
  }

  function offer(select, column, entries) {
    const counts = counted(column);
    for (const [value, text] of entries) {
      if (!counts.has(value)) continue;
      const option = element("option", "", `${text} (${number(counts.get(value))})`);
      option.value = String(value);
      select.append(option);
    }
    select.closest("label").hidden = select.options.length < 2;
  }

  function fillFilter() {
    offer(inputs.rule, RULE, data.rules.map(([id, name], index) => [index, `${id} ${name}`]));
    offer(inputs.severity, SEVERITY, [2, 1, 0].map((level) => [level, SEVERITIES[level][0]]));
    offer(inputs.split, SPLIT, data.splits.map((name, index) => [index, name]));
    offer(inputs.class, CLASS, data.classes);
  }

  function wanted() {
    const chosen = [["rule", RULE], ["severity", SEVERITY], ["split", SPLIT], ["class", CLASS]]
      .filter(([name]) => inputs[name].value !== "")
      .map(([name, column]) => [column, Number(inputs[name].value)]);
    const text = inputs.file.value.trim().toLowerCase();
    const named = text ? new Set(paths.flatMap((path, index) => (path.includes(text) ? [index] : []))) : null;
    // An image is found by its own path, and so are the findings about its label.
    if (named) {
      data.pictures.forEach((picture) => {
        if (picture.path.toLowerCase().includes(text)) {
          picture.findings.forEach((at) => named.add(data.findings[at][PATH]));
        }
      });
    }
    return (finding) => chosen.every(([column, value]) => finding[column] === value)
      && (!named || named.has(finding[PATH]));
  }

  function apply() {
    const fits = wanted();
    matching = [];
    data.findings.forEach((finding, at) => { if (fits(finding)) matching.push(at); });
    page = 0;
    showRows();
    const pictures = showPictures();
    const found = `${number(matching.length)} of ${number(data.findings.length)} findings`;
    byId("count").textContent = figures.length ? `${found}, ${pictures} of ${figures.length} pictures` : found;
  }

  function reset() {
    Object.values(inputs).forEach((input) => { input.value = ""; });
    apply();
  }

  // --- pictures -------------------------------------------------------------------------------------------------

  function shownPictures() {
    const fitting = new Set(matching);
    return data.pictures.flatMap((picture, at) => (picture.findings.some((one) => fitting.has(one)) ? [at] : []));
  }

  function showPictures() {
    const shown = shownPictures();
    const visible = new Set(allPictures ? shown : shown.slice(0, FIRST_PICTURES));
    figures.forEach((figure, at) => { figure.hidden = !visible.has(at); });
    const more = byId("more-pictures");
    if (more) {
      more.hidden = visible.size === shown.length;
      more.textContent = `Show ${shown.length - visible.size} more pictures`;
    }
    return shown.length;
  }

  // --- table ----------------------------------------------------------------------------------------------------

  function badge(severity) {
    const [word, mark] = SEVERITIES[severity];
    const sign = element("span", "", mark);
    sign.setAttribute("aria-hidden", "true");
    return element("span", `badge ${word}`, sign, ` ${word}`);
  }

  function place(finding) {
    const path = finding[PATH] < 0 ? "the dataset" : data.paths[finding[PATH]];
    return [path, finding[LINE], finding[COLUMN]].filter(Boolean).join(":");
  }

  function row(at) {
    const finding = data.findings[at];
    const [id, name] = data.rules[finding[RULE]];
    const where = element("td", "", element("code", "", place(finding)));
    if (finding[SPLIT] >= 0) where.append(" ", element("span", "split", data.splits[finding[SPLIT]]));
    const what = element("td", "", finding[MESSAGE]);
    if (pictureOf.has(at)) what.append(" ", opener(at));
    const rule = element("th", "", element("b", "", name), " ", element("span", "id", id));
    rule.scope = "row";
    return element("tr", "", element("td", "", badge(finding[SEVERITY])), rule, where, what);
  }

  function opener(at) {
    const button = element("button", "open", "Picture");
    button.type = "button";
    button.setAttribute("aria-label", `Picture of ${place(data.findings[at])}`);
    button.addEventListener("click", () => open(pictureOf.get(at)));
    return button;
  }

  function showRows() {
    const first = page * ROWS;
    const part = matching.slice(first, first + ROWS);
    byId("rows").replaceChildren(...part.map(row));
    byId("page").textContent = part.length
      ? `${number(first + 1)} to ${number(first + part.length)} of ${number(matching.length)}`
      : "Nothing fits the filter.";
    byId("previous").disabled = page === 0;
    byId("next").disabled = first + ROWS >= matching.length;
  }

  function turn(step) {
    page += step;
    showRows();
    byId("findings").scrollIntoView();
  }

  // --- enlarged picture -----------------------------------------------------------------------------------------

  const viewer = byId("viewer");
  let current = 0;

  function open(at) {
    current = at;
    const picture = data.pictures[at];
    byId("viewer-title").textContent = picture.path;
    byId("viewer-about").textContent = picture.label ? `${picture.about} Label file: ${picture.label}` : picture.about;
    byId("viewer-stage").replaceChildren(figures[at].querySelector("svg").cloneNode(true));
    byId("viewer-findings").replaceChildren(...picture.findings.map(told));
    byId("viewer-classes").replaceChildren(...picture.classes.map(legend));
    const order = shownPictures();
    const position = order.indexOf(at);
    byId("viewer-place").textContent = position < 0 ? "" : `${position + 1} of ${order.length}`;
    byId("viewer-previous").disabled = position <= 0;
    byId("viewer-next").disabled = position < 0 || position === order.length - 1;
    if (!viewer.open) viewer.showModal();
  }

  function told(at) {
    const finding = data.findings[at];
    const [, name, fix] = data.rules[finding[RULE]];
    const line = finding[LINE] ? `Line ${finding[LINE]}: ` : "";
    const message = line ? finding[MESSAGE] : finding[MESSAGE].charAt(0).toUpperCase() + finding[MESSAGE].slice(1);
    return element("li", "", badge(finding[SEVERITY]), " ", element("b", "", name),
      element("p", "", `${line}${message}.`), element("p", "fix", fix));
  }

  function legend([colour, name, count]) {
    const swatch = element("span", `swatch ${colour < 0 ? "none" : `c${colour}`}`);
    return element("li", "", swatch, `${name} (${count})`);
  }

  function step(by) {
    const order = shownPictures();
    const next = order[order.indexOf(current) + by];
    if (next !== undefined) open(next);
  }

  // --- and everything wired up ----------------------------------------------------------------------------------

  fillFilter();
  byId("filter").hidden = false;
  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  byId("filter").addEventListener("input", apply);
  byId("filter").addEventListener("change", apply); // some assistive tools tell of a choice by this alone
  byId("clear").addEventListener("click", reset);
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  byId("more-pictures")?.addEventListener("click", () => {
    const next = figures.find((figure, at) => figure.hidden && shownPictures().includes(at));
    allPictures = true;
    showPictures();
    next?.querySelector("button").focus();
  });
  document.querySelectorAll("button.show").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      reset();
      inputs.rule.value = String(data.rules.findIndex(([id]) => id === button.dataset.rule));
      apply();
      byId("filter").scrollIntoView();
      inputs.rule.focus({ preventScroll: true });
    });
  });
  document.querySelectorAll("button.look").forEach((button) => {
    button.addEventListener("click", () => open(Number(button.dataset.picture)));
  });
  byId("viewer-close").addEventListener("click", () => viewer.close());
  byId("viewer-previous").addEventListener("click", () => step(-1));
  byId("viewer-next").addEventListener("click", () => step(1));
  byId("viewer-shapes").addEventListener("click", (event) => {
    const shown = !byId("viewer-stage").classList.toggle("bare");
    event.currentTarget.setAttribute("aria-pressed", String(shown));
  });
  viewer.addEventListener("click", (event) => { if (event.target === viewer) viewer.close(); });
  viewer.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  window.addEventListener("beforeprint", () => { allPictures = true; showPictures(); });
  apply();
})();
