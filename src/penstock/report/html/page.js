"use strict";
// The report's page. Every text of the run enters by textContent; nothing is ever read as HTML, and nothing is fetched.
const data = JSON.parse(document.getElementById("data").textContent);
const ROWS = 200; // shown at once; a search goes over all

function el(tag, traits = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (name === "css") Object.assign(made.style, value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== "") made.append(child);
  }
  return made;
}

function svg(tag, traits, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(traits)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const SIGNS = { good: "✓", bad: "✗", warn: "!", open: "–" };
const sign = (state) => el("span", { class: state, title: state }, SIGNS[state]);
const seconds = (s) =>
  s < 59.95 ? `${s.toFixed(1)}s` : s < 3600 ? `${Math.floor(s / 60)}m${String(Math.round(s) % 60).padStart(2, "0")}s`
    : `${Math.floor(s / 3600)}h${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}m`;
const milliseconds = (ms) => (ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : seconds(ms / 1000));
const plural = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
const floor2 = (number) => (Math.floor(number * 100) / 100).toFixed(2);

// A table of which the first rows are made; `more` makes the next ones. `columns`: [title, class, (row) => content, key].
function table(columns, rows) {
  const body = el("tbody");
  const box = el("div");
  let sorted = rows, shown = 0, by = null, down = false;
  const more = el("button", { class: "more", type: "button", on: { click: () => extend() } });
  function extend() {
    for (const row of sorted.slice(shown, shown + ROWS)) {
      body.append(el("tr", {}, columns.map(([, style, content]) => el("td", { class: style || null }, content(row)))));
    }
    shown = Math.min(shown + ROWS, sorted.length);
    more.textContent = `${plural(sorted.length - shown, "more row")}`;
    more.hidden = shown >= sorted.length;
  }
  function fill(next) {
    rows = next;
    sorted = by === null ? rows : [...rows].sort((a, b) => (down ? -1 : 1) * compare(columns[by][3](a), columns[by][3](b)));
    shown = 0;
    body.replaceChildren();
    extend();
  }
  const head = columns.map(([title, style, , key], number) =>
    el("th", { class: style || null, scope: "col" }, key
      ? el("button", { type: "button", on: { click: () => { down = by === number ? !down : style === "number"; by = number; fill(rows); } } }, title)
      : title));
  box.append(el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, head)), body)), more);
  fill(rows);
  return { box, fill };
}

const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));

// A search field over rows; `text`: what of a row is searched. All words must be found.
function search(label, rows, text, fill, ...others) {
  const count = el("span", { class: "soft", role: "status" });
  const field = el("input", { type: "search", placeholder: label, "aria-label": label, on: { input: () => apply() } });
  const texts = rows.map((row) => text(row).toLowerCase());
  let keep = () => true;
  function apply() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = rows.filter((row, number) => keep(row) && words.every((word) => texts[number].includes(word)));
    count.textContent = `${found.length.toLocaleString("en")} of ${plural(rows.length, "row")}`;
    fill(found);
  }
  const tools = el("div", { class: "tools" }, field, others, count);
  apply();
  return { tools, only: (test) => { keep = test; apply(); } };
}

// --- the views -------------------------------------------------------------------------------------------------------

function overview() {
  const made = [];
  if (data.head.reasons.length) {
    made.push(el("h2", {}, "Why"), el("ul", {}, data.head.reasons.map((reason) => el("li", {}, reason))));
  }
  if (data.failures.length) made.push(el("h2", {}, "Failures"), data.failures.map(failure));
  if (data.gates.length) {
    made.push(el("h2", {}, "Gates"), table([
      ["", "", (gate) => sign(gate.state)],
      ["gate", "mono name", (gate) => (gate.job && !gate.name.includes(".") ? `${gate.name} ${gate.job}` : gate.name)],
      ["number", "number", (gate) => (gate.number === null ? "" : String(Math.floor(gate.number * 100) / 100))],
      ["limit", "number", (gate) => (gate.limit === null ? "" : String(gate.limit))],
      ["", "name", (gate) => [gate.summary, gate.state === "good" ? "" : el("div", { class: "soft" }, gate.remedy),
        ...gate.details.map((detail) => el("div", { class: "mono soft" }, detail))]],
    ], data.gates).box);
  }
  made.push(el("h2", {}, "Jobs"), timeline(), table([
    ["", "", (job) => sign(job.state)],
    ["job", "mono name", (job) => job.id, (job) => job.id],
    ["time", "number", (job) => job.time],
    ["CPU", "number", (job) => (job.cpu_s ? seconds(job.cpu_s) : ""), (job) => job.cpu_s],
    ["memory", "number", (job) => (job.memory_bytes ? `${Math.round(job.memory_bytes / 1e6)} MB` : ""), (job) => job.memory_bytes],
    ["", "name", (job) => [job.words, el("div", { class: "soft" }, job.reasons.join("; "))]],
  ], data.jobs).box);
  if (data.flaky.length) {
    made.push(el("h2", {}, "Flaky tests"), data.flaky.map((one) => el("details", { class: "card warn" },
      el("summary", {}, el("code", {}, one.test), ` passed on try ${one.passed_on} in ${one.job}`),
      one.why ? el("p", {}, one.why) : "", el("pre", {}, one.said))));
  }
  if (data.damaged.length) made.push(el("h2", {}, "Not trusted"), el("ul", {}, data.damaged.map((each) => el("li", {}, each))));
  if (data.left_out.length) {
    made.push(el("h2", {}, "Not in this run"), el("ul", {}, data.left_out.map(([id, why]) => el("li", {}, el("code", {}, id), `: ${why}`))));
  }
  return made;
}

function failure(one) {
  return el("section", { class: `card ${one.blocks ? "bad" : "warn"}` },
    el("h3", { class: "mono" }, one.jobs.join(", "), one.title ? ` ${one.title}` : ""),
    one.blocks ? "" : el("p", { class: "soft" }, "does not block"),
    one.passing.length ? el("p", { class: "soft" }, `passes on ${one.passing.join(", ")}`) : "",
    el("pre", { tabindex: "0" }, one.excerpt),
    one.why ? el("p", {}, `Tries: ${one.why}`) : "",
    one.remedy ? el("p", {}, `Remedy: ${one.remedy}`) : "",
    el("p", { class: "soft" }, el("code", {}, one.repro), one.log ? ["  ·  ", el("code", {}, one.log)] : ""));
}

function timeline() {
  const { bars, lanes, end_s: end } = data.timeline;
  if (!bars.length || !end) return "";
  const states = Object.fromEntries(data.jobs.map((job) => [job.id, job.state]));
  const box = el("div", { class: "lanes", role: "img", "aria-label": `when ${plural(bars.length, "job")} ran, on ${plural(lanes, "lane")}`, css: { height: `${lanes * 26 + 4}px` } });
  for (const [job, lane, height, start, stop] of bars) {
    box.append(el("div", {
      class: `bar ${states[job] || "open"}`, title: `${job}: ${seconds(start)} to ${seconds(stop)} (${seconds(stop - start)})`,
      css: { left: `${(100 * start) / end}%`, width: `${Math.max((100 * (stop - start)) / end, 0.3)}%`, top: `${lane * 26 + 2}px`, height: `${height * 26 - 2}px` },
    }, job));
  }
  return el("div", {}, box, el("div", { class: "axis" }, el("span", {}, "0s"), el("span", {}, seconds(end))));
}

function tests() {
  const rows = [];
  for (const [path, each] of data.tests.files) {
    for (const [name, job, outcome, ms] of each) {
      rows.push({ id: name ? `${path}::${name}` : path, job: data.tests.jobs[job] || "", outcome: data.tests.outcomes[outcome], ms });
    }
  }
  rows.sort((a, b) => b.ms - a.ms);
  const GOOD = ["passed", "skipped", "xfailed", "xpassed"];
  const shown = table([
    ["test", "mono name", (row) => row.id, (row) => row.id],
    ["job", "mono", (row) => row.job, (row) => row.job],
    ["outcome", "", (row) => el("span", { class: row.outcome === "passed" ? "good" : GOOD.includes(row.outcome) ? "soft" : "bad" }, row.outcome.replace("_", " ")), (row) => row.outcome],
    ["time", "number", (row) => milliseconds(row.ms), (row) => row.ms],
  ], []);
  const counts = {};
  for (const row of rows) counts[row.outcome] = (counts[row.outcome] || 0) + 1;
  const choice = el("select", { "aria-label": "outcome", on: { change: () => found.only((row) => !choice.value || row.outcome === choice.value) } },
    el("option", { value: "" }, "every outcome"),
    Object.entries(counts).map(([outcome, number]) => el("option", { value: outcome }, `${outcome.replace("_", " ")} (${number})`)));
  const found = search("search tests", rows, (row) => `${row.id} ${row.job}`, shown.fill, choice);
  return [el("h2", {}, "Tests, the slowest first"), found.tools, shown.box];
}

function coverage() {
  const share = (row) => { const all = row.statements + row.branches; return all ? (100 * (row.covered + row.covered_branches)) / all : 100; };
  const rows = [...data.coverage].sort((a, b) => share(a) - share(b));
  const shown = table([
    ["file", "name", (row) => source(row), (row) => row.path],
    ["lines", "number", (row) => `${row.covered}/${row.statements}`, (row) => row.statements],
    ["exits", "number", (row) => (row.branches ? `${row.covered_branches}/${row.branches}` : ""), (row) => row.branches],
    ["covered", "number", (row) => [el("span", { class: "meter" }, el("span", { css: { width: `${share(row)}%` } })), ` ${floor2(share(row))} %`], share],
  ], []);
  return [el("h2", {}, "Coverage, the least first"), search("search files", rows, (row) => row.path, shown.fill).tools, shown.box];
}

function source(row) {
  if (!row.missing.length && !row.source.length) return el("code", {}, row.path);
  const box = el("details", { on: { toggle: () => { if (box.open && box.children.length === 1) box.append(...excerpt(row)); } } },
    el("summary", {}, el("code", {}, row.path)));
  return box;
}

function excerpt(row) {
  const made = [el("div", { class: "soft" }, row.missing.length ? `not run: ${spans(row.missing)}` : "every line was run")];
  if (!row.source.length) return made;
  const lines = el("div", { class: "source", tabindex: "0" });
  let before = 0;
  for (const [number, text, state] of row.source) {
    if (before && number > before + 1) lines.append(el("span", { class: "gap" }, "⋯"));
    const style = state === 2 ? "missing" : state === 3 ? "partial" : "";
    lines.append(el("span", { class: `line ${style}` }, String(number)), el("span", { class: style || null, title: state === 2 ? "not run" : state === 3 ? "not all exits taken" : null }, text || " "));
    before = number;
  }
  return [...made, lines];
}

function spans(numbers) {
  const runs = [];
  for (const number of numbers) {
    if (runs.length && number === runs[runs.length - 1][1] + 1) runs[runs.length - 1][1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? first : `${first}–${last}`)).join(", ");
}

function findings() {
  const shown = table([
    ["place", "mono name", (row) => (row[3] ? `${row[3]}${row[4] ? `:${row[4]}` : ""}` : ""), (row) => `${row[3]}:${String(row[4]).padStart(7, "0")}`],
    ["rule", "mono", (row) => `${row[0]} ${row[1]}`, (row) => `${row[0]} ${row[1]}`],
    ["", "", (row) => el("span", { class: row[5] === "error" ? "bad" : "warn" }, row[5]), (row) => row[5]],
    ["message", "name", (row) => row[2]],
  ], []);
  return [el("h2", {}, "Findings"), search("search findings", data.findings, (row) => row.join(" "), shown.fill).tools, shown.box];
}

const TRENDS = [["tests", "tests"], ["tests_passed_percent", "tests passed, %"], ["coverage_percent", "coverage, %"],
  ["median_run_s", "run, s"], ["median_test_job_s", "test job, s"], ["runs_passed_percent", "runs passed, %"]];

function trends() {
  const made = TRENDS.map(([name, title]) => {
    const points = data.trends.map((row) => [row.day, row[name]]).filter(([, value]) => typeof value === "number");
    if (points.length < 2) return "";
    const values = points.map(([, value]) => value);
    const low = Math.min(...values), high = Math.max(...values), room = high - low || 1;
    const places = points.map(([, value], number) => [8 + (304 * number) / (points.length - 1), 72 - (64 * (value - low)) / room]);
    const [x, y] = places[places.length - 1];
    const last = values[values.length - 1];
    return el("figure", { class: "spark" },
      el("figcaption", {}, title, el("span", { class: "soft" }, `  ${points[0][0]} to ${points[points.length - 1][0]}, ${floor2(low)} to ${floor2(high)}, now ${floor2(last)}`)),
      svg("svg", { viewBox: "0 0 320 80", role: "img", "aria-label": `${title}: now ${floor2(last)}` },
        svg("polyline", { points: places.map((place) => place.join(",")).join(" ") }), svg("circle", { cx: x, cy: y, r: 3 })));
  });
  return [el("h2", {}, "Trends"), made];
}

// --- the page --------------------------------------------------------------------------------------------------------

const VIEWS = [["overview", "Overview", overview, true],
  ["tests", `Tests ${data.tests.files.reduce((sum, [, rows]) => sum + rows.length, 0).toLocaleString("en")}`, tests, data.tests.files.length],
  ["coverage", "Coverage", coverage, data.coverage.length],
  ["findings", `Findings ${data.findings.length.toLocaleString("en")}`, findings, data.findings.length],
  ["trends", "Trends", trends, data.trends.length > 1]].filter(([, , , there]) => there);

function start() {
  const head = data.head;
  const panel = el("div", { role: "tabpanel", id: "panel", tabindex: "-1" });
  const made = {};
  const tabs = VIEWS.map(([name, title]) => el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel", on: { click: () => { location.hash = name; } } }, title));
  function show() {
    const wanted = location.hash.slice(1);
    const at = Math.max(0, VIEWS.findIndex(([name]) => name === wanted));
    const [name, , make] = VIEWS[at];
    tabs.forEach((tab, number) => tab.setAttribute("aria-selected", String(number === at)));
    made[name] = made[name] || el("div", {}, make());
    panel.replaceChildren(made[name]);
    panel.setAttribute("aria-labelledby", `tab-${name}`);
  }
  const facts = [`${head.passed} of ${plural(head.planned, "job")} passed`, seconds(head.duration_s), `run ${head.run}`,
    head.commit ? `commit ${head.commit}` : "", head.started_s ? new Date(head.started_s * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC" : "",
    head.partial ? "scope: partial" : ""].filter(Boolean);
  document.getElementById("page").append(
    el("header", {}, el("h1", {}, el("span", { class: `pill ${head.state}` }, head.word), "penstock"), el("div", { class: "soft" }, facts.join("  ·  "))),
    el("nav", { "aria-label": "parts of the report" }, el("ul", { role: "tablist" }, tabs.map((tab) => el("li", { role: "presentation" }, tab)))), panel);
  window.addEventListener("hashchange", show);
  show();
  document.documentElement.dataset.ready = "true";
}

start();
