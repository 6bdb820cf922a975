"use strict";
// The report's page. Every text of the run enters by textContent; nothing is ever read as HTML, and nothing is fetched.
const data = JSON.parse(document.getElementById("data").textContent);
const ROWS = 200; // shown at once; a search goes over all
const CARDS = 50; // shown at once
const OPEN = 5; // of failures, whose text is shown from the start

function el(tag, traits = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (name === "css") Object.assign(made.style, value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
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

const SIGNS = { good: ["✓", "good"], bad: ["✗", "failed"], warn: ["!", "does not block"], open: ["–", "not verified"] };
const RANK = { bad: 0, open: 1, warn: 2, good: 3 };
const sign = (state) => el("span", { class: state, role: "img", title: SIGNS[state][1], "aria-label": SIGNS[state][1] }, SIGNS[state][0]);
const two = (number) => String(number).padStart(2, "0");
function seconds(s) {
  if (s < 59.95) return `${s.toFixed(1)}s`;
  const whole = Math.round(s);
  return whole < 3600 ? `${Math.floor(whole / 60)}m${two(whole % 60)}s` : `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`;
}
const milliseconds = (ms) => (ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : seconds(ms / 1000));
const count = (number) => number.toLocaleString("en");
const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;
const floor2 = (number) => (Math.floor(number * 100 + 1e-9) / 100).toFixed(2);
const spaced = (word) => word.replace("_", " ");
const heading = (title, note) => el("h2", {}, title, note ? el("span", { class: "soft" }, note) : "");

// A table of which the first rows are made; `more` makes the next ones. `columns`: [title, class, (row) => content, key].
function table(columns, rows) {
  const body = el("tbody");
  let sorted = rows, shown = 0, by = null, down = false;
  const more = el("button", { class: "more", type: "button", on: { click: () => extend() } });
  function extend() {
    const next = document.createDocumentFragment();
    for (const row of sorted.slice(shown, shown + ROWS)) {
      next.append(el("tr", {}, columns.map(([, style, content]) => el("td", { class: style || null }, content(row)))));
    }
    body.append(next);
    shown = Math.min(shown + ROWS, sorted.length);
    more.textContent = plural(sorted.length - shown, "more row");
    more.hidden = shown >= sorted.length;
  }
  function fill(next) {
    rows = next;
    sorted = by === null ? rows : [...rows].sort((a, b) => (down ? -1 : 1) * compare(columns[by][3](a), columns[by][3](b)));
    shown = 0;
    body.replaceChildren();
    extend();
  }
  function sort(number) {
    down = by === number ? !down : (columns[number][1] || "").includes("number");
    by = number;
    heads.forEach((head, at) => (at === by ? head.setAttribute("aria-sort", down ? "descending" : "ascending") : head.removeAttribute("aria-sort")));
    fill(rows);
  }
  const heads = columns.map(([title, style, , key], number) =>
    el("th", { class: style || null, scope: "col" }, key ? el("button", { type: "button", on: { click: () => sort(number) } }, title) : title));
  fill(rows);
  return { box: el("div", {}, el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, heads)), body)), more), fill };
}

// Boxes of which the first are made; a button makes the next ones.
function cards(rows, make) {
  const box = el("div");
  let shown = 0;
  const more = el("button", { class: "more", type: "button", on: { click: () => extend() } });
  function extend() {
    box.append(...rows.slice(shown, shown + CARDS).map((row, at) => make(row, shown + at)));
    shown = Math.min(shown + CARDS, rows.length);
    more.textContent = `${count(rows.length - shown)} more`;
    more.hidden = shown >= rows.length;
  }
  extend();
  return [box, more];
}

const order = new Intl.Collator("en", { numeric: true }).compare;
const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : order(a, b));

// A search field over rows, and choices: [label, (row) => value]. `text`: what of a row is searched; all words must be found.
function search(label, rows, text, fill, ...choices) {
  const status = el("span", { class: "soft small", role: "status" });
  const field = el("input", { type: "search", placeholder: `${label} (press /)`, "aria-label": label, on: { input: () => apply() } });
  const texts = rows.map((row) => text(row).toLowerCase());
  const selects = choices.map(([name, value]) => {
    const counts = new Map();
    for (const row of rows) counts.set(value(row), (counts.get(value(row)) || 0) + 1);
    return el("select", { "aria-label": name, on: { change: () => apply() } }, el("option", { value: "" }, `every ${name}`),
      [...counts].sort((a, b) => order(a[0], b[0])).map(([each, number]) => el("option", { value: each }, `${spaced(each)} (${count(number)})`)));
  });
  function apply() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = rows.filter((row, number) => words.every((word) => texts[number].includes(word))
      && choices.every(([, value], at) => !selects[at].value || value(row) === selects[at].value));
    status.textContent = `${count(found.length)} of ${plural(rows.length, "row")}`;
    fill(found);
  }
  apply();
  return el("div", { class: "tools" }, field, selects, status);
}

// --- the overview ----------------------------------------------------------------------------------------------------

function overview() {
  const made = [];
  const states = Object.fromEntries(data.jobs.map((job) => [job.id, job.state]));
  if (data.failures.length) made.push(heading("Failures", data.failures.length > OPEN ? plural(data.failures.length, "cause") : ""), cards(data.failures, (one, number) => failure(one, number < OPEN)));
  if (data.gates.length) {
    const gates = [...data.gates].sort((a, b) => RANK[a.state] - RANK[b.state]);
    made.push(heading("Gates", `${gates.filter((gate) => gate.state === "good").length} of ${gates.length} passed`), table([
      ["", "sign", (gate) => sign(gate.state)],
      ["gate", "mono tight", (gate) => (gate.job && gate.job !== gate.name && !gate.name.includes(".") ? `${gate.name} ${gate.job}` : gate.name)],
      ["number", "number", (gate) => (gate.number === null ? "" : count(Math.floor(gate.number * 100 + 1e-9) / 100))],
      ["limit", "number", (gate) => (gate.limit === null ? "" : count(gate.limit))],
      ["what was found", "name", (gate) => [gate.summary, gate.details.map((detail) => el("div", { class: "mono soft" }, detail)),
        gate.state !== "good" && gate.remedy ? el("div", { class: "soft" }, "Remedy: ", gate.remedy) : ""]],
    ], gates).box);
  }
  made.push(heading("Jobs", data.timeline.bars.length ? `over time, on ${plural(data.timeline.lanes, "processor")}` : ""), gantt(states), table([
    ["", "sign", (job) => sign(job.state)],
    ["job", "mono tight", (job) => job.id, (job) => job.id],
    ...(data.jobs.some((job) => job.stage) ? [["stage", "wide", (job) => job.stage, (job) => job.stage]] : []),
    ["time", "number", (job) => job.time, (job) => job.time_s],
    ["CPU", "number wide", (job) => (job.cpu_s ? seconds(job.cpu_s) : ""), (job) => job.cpu_s],
    ["memory", "number wide", (job) => (job.memory_bytes ? `${count(Math.round(job.memory_bytes / 1e6))} MB` : ""), (job) => job.memory_bytes],
    ["what it told", "name", (job) => [job.words, job.reasons.length ? el("div", { class: "soft small" }, job.reasons.join("; ")) : ""]],
  ], data.jobs).box);
  if (data.flaky.length) {
    made.push(heading("Flaky tests", "they failed, and passed when tried again"), cards(data.flaky, (one) => el("details", { class: "card warn" },
      el("summary", {}, el("span", { class: "pill warn" }, one.job), el("code", {}, one.test), ` passed on try ${one.passed_on}`),
      el("div", {}, one.why ? el("p", {}, one.why) : "", excerpt(one.said)))));
  }
  if (data.damaged.length) made.push(heading("Not trusted"), el("ul", {}, data.damaged.map((each) => el("li", {}, each))));
  if (data.left_out.length) {
    made.push(heading("Not in this run"), el("ul", {}, data.left_out.map(([id, why]) => el("li", {}, el("code", {}, id), `: ${why}`))));
  }
  return made;
}

function failure(one, open) {
  const style = one.blocks ? "bad" : "warn";
  return el("details", { class: `card ${style}`, open },
    el("summary", {}, el("span", { class: `pill ${style}` }, one.jobs.join(", ")), el("code", {}, one.title),
      one.blocks ? "" : el("span", { class: "soft" }, "  does not block")),
    el("div", {},
      one.passing.length ? el("p", { class: "soft" }, `passes on ${one.passing.join(", ")}`) : "",
      excerpt(one.excerpt),
      one.known ? el("p", { class: "soft" }, `and ${plural(one.known, "finding")} that the baseline knows`) : "",
      one.why ? el("p", {}, `Tries: ${one.why}`) : "",
      one.remedy ? el("p", {}, `Remedy: ${one.remedy}`) : "",
      one.hint ? el("p", {}, `Hint: ${one.hint}`) : "",
      one.code in data.codes ? meaning(one) : "",
      el("p", { class: "soft" }, el("code", {}, one.repro), one.log ? ["  ·  ", el("code", {}, one.log)] : "")));
}

// What a code means; what stands above it is not said again.
function meaning(one) {
  const [title, cause, remedy, example] = data.codes[one.code];
  return el("details", { class: "meaning" }, el("summary", {}, el("code", {}, one.code), ` ${title}`),
    el("p", {}, cause), remedy === one.remedy ? "" : el("p", {}, `Remedy: ${remedy}`),
    el("p", { class: "soft" }, "Such as: ", el("code", {}, example)), el("p", { class: "soft" }, el("code", {}, `penstock explain ${one.code}`)));
}

// What a test said. Its lines of errors are coloured without an element: what it says makes no difference to the page.
const WRONG = typeof Highlight === "function" && CSS.highlights ? new Highlight() : null;
if (WRONG) CSS.highlights.set("wrong", WRONG);

function excerpt(said) {
  const box = el("pre", { tabindex: "0" }, said);
  if (!WRONG || !box.firstChild) return box;
  for (const match of said.matchAll(/^E {3}.*$/gm)) {
    const range = new Range();
    range.setStart(box.firstChild, match.index);
    range.setEnd(box.firstChild, match.index + match[0].length);
    WRONG.add(range);
  }
  return box;
}

function gantt(states) {
  const { bars, lanes, end_s: end } = data.timeline;
  if (!bars.length || !end) return "";
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].find((each) => end / each <= 10) || end / 8;
  const ticks = [];
  for (let at = step; at < end * 0.95; at += step) ticks.push(at);
  const left = (s) => `${(100 * s) / end}%`;
  const box = el("div", { class: "lanes", role: "img", "aria-label": `when ${plural(bars.length, "job")} ran, on ${plural(lanes, "processor")}`, css: { height: `${lanes * 26 + 6}px` } },
    ticks.map((at) => el("div", { class: "tick", css: { left: left(at) } })));
  for (const [job, lane, height, start, stop] of bars) {
    const thin = (stop - start) / end < 0.025;
    box.append(el("div", {
      class: `bar ${states[job] || "open"}${thin ? " thin" : ""}`, title: `${job}: ${seconds(start)} to ${seconds(stop)} (${seconds(stop - start)})`,
      css: { left: left(start), width: `max(3px, calc(${left(stop - start)} - 1px))`, top: `${lane * 26 + 3}px`, height: `${height * 26 - 2}px` },
    }, thin ? "" : job));
  }
  const round = (at) => (step < 60 ? (at < 60 ? `${+at.toFixed(1)}s` : seconds(at)) : seconds(at).replace("m00s", "m"));
  return el("div", { class: "gantt" },
    el("div", { class: "cpus", "aria-hidden": "true" }, Array.from({ length: lanes }, (_, lane) => el("span", {}, `cpu ${lane + 1}`))), box,
    el("div", { class: "axis", "aria-hidden": "true" }, el("span", { css: { left: "0" } }, "0s"), ticks.map((at) => el("span", { css: { left: left(at) } }, round(at))), el("span", { css: { left: "100%" } }, seconds(end))));
}

// --- tests, coverage, findings ---------------------------------------------------------------------------------------

const FINE = ["skipped", "xfailed", "xpassed"];
const styleOf = (outcome) => (outcome === "passed" ? "good" : FINE.includes(outcome) ? "soft" : "bad");

function testRows() {
  const { jobs, outcomes, files } = data.tests, rows = [];
  for (const [path, names] of files) {
    for (const [name, ...ends] of names) {
      const id = name ? `${path}::${name}` : path;
      for (let at = 0; at < ends.length; at += 3) rows.push({ id, job: jobs[ends[at]] || "", outcome: outcomes[ends[at + 1]], ms: ends[at + 2] });
    }
  }
  return rows;
}

function tests() {
  const rows = testRows().sort((a, b) => b.ms - a.ms);
  const most = rows.length ? rows[0].ms || 1 : 1, whole = rows.reduce((sum, row) => sum + row.ms, 0);
  const shown = table([
    ["test", "mono name", (row) => row.id, (row) => row.id],
    ["job", "mono tight", (row) => row.job, (row) => row.job],
    ["outcome", "tight", (row) => el("span", { class: styleOf(row.outcome) }, spaced(row.outcome)), (row) => row.outcome],
    ["", "wide", (row) => el("span", { class: "meter plain" }, el("span", { css: { width: `${(100 * row.ms) / most}%` } }))],
    ["time", "number", (row) => milliseconds(row.ms), (row) => row.ms],
  ], []);
  return [heading("Tests, the slowest first", `${seconds(whole / 1000)} in all`),
    search("search tests", rows, (row) => `${row.id} ${row.job}`, shown.fill, ["outcome", (row) => row.outcome], ["job", (row) => row.job]), shown.box];
}

const share = (row) => { const all = row.statements + row.branches; return all ? (100 * (row.covered + row.covered_branches)) / all : 100; };
const sum = (rows, name) => rows.reduce((all, row) => all + row[name], 0);
const WHOLE = { statements: sum(data.coverage, "statements"), covered: sum(data.coverage, "covered"), branches: sum(data.coverage, "branches"), covered_branches: sum(data.coverage, "covered_branches") };

function coverage() {
  const rows = [...data.coverage].sort((a, b) => share(a) - share(b));
  const shown = table([
    ["file", "what", (row) => source(row), (row) => row.path],
    ["lines", "number", (row) => `${count(row.covered)}/${count(row.statements)}`, (row) => row.statements],
    ["exits", "number wide", (row) => (row.branches ? `${count(row.covered_branches)}/${count(row.branches)}` : ""), (row) => row.branches],
    ["", "wide", (row) => el("span", { class: "meter" }, el("span", { css: { width: `${share(row)}%` } }))],
    ["covered", "number", (row) => `${floor2(share(row))} %`, share],
  ], []);
  return [heading("Coverage, the least first", `${floor2(share(WHOLE))} % of ${plural(WHOLE.statements, "line")}${WHOLE.branches ? ` and ${plural(WHOLE.branches, "exit")}` : ""}`),
    search("search files", rows, (row) => row.path, shown.fill),
    el("p", { class: "soft small" }, "Open a file for the lines that were not run.", el("span", { class: "key missing" }), "not run", el("span", { class: "key partial" }), "not all of its exits taken"), shown.box];
}

function source(row) {
  if (!row.missing.length && !row.source.length) return el("code", {}, row.path);
  const box = el("details", { on: { toggle: () => { if (box.open && box.children.length === 1) box.append(...lines(row)); } } },
    el("summary", {}, el("code", {}, row.path)));
  return box;
}

const LINE = ["", "", "missing", "partial"], SAID = [null, null, "not run", "not all exits taken"];

function lines(row) {
  const made = [el("p", { class: "soft small" }, row.missing.length ? `not run: ${spans(row.missing)}` : "every line was run")];
  if (!row.source.length) return made;
  const box = el("div", { class: "source", tabindex: "0" });
  let before = 0;
  for (const [number, text, state] of row.source) {
    if (before && number > before + 1) box.append(el("span", { class: "gap" }, "⋯"));
    box.append(el("span", { class: `line ${LINE[state]}` }, String(number)), el("span", { class: LINE[state] || null, title: SAID[state] }, text || " "));
    before = number;
  }
  return [...made, box];
}

function spans(numbers) {
  const runs = [];
  for (const number of numbers) {
    if (runs.length && number === runs[runs.length - 1][1] + 1) runs[runs.length - 1][1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? first : `${first}–${last}`)).join(", ");
}

const SEVERE = ["error", "high"];

function findings() {
  const [PLACE, RULE, WHAT] = [(row) => (row[3] ? `${row[3]}${row[4] ? `:${row[4]}` : ""}` : ""), (row) => `${row[0]} ${row[1]}`, (row) => row[2]];
  const standing = (row) => ["", "new", "known"][row[7]];
  const shown = table([
    ["severity", "tight", (row) => el("span", { class: `pill ${row[7] === 2 ? "soft" : SEVERE.includes(row[5]) ? "bad" : "warn"}` }, row[7] === 2 ? `${row[5]}, known` : row[5]), (row) => row[5]],
    ["rule", "mono tight", RULE, RULE],
    ["message", "name", WHAT, WHAT],
    ["place", "mono name", PLACE, PLACE],
  ], []);
  const choices = [["rule", RULE], ["job", (row) => row[6]], ["severity", (row) => row[5]]];
  if (data.findings.some((row) => row[7])) choices.push(["standing", standing]);
  return [heading("Findings", data.findings.some((row) => row[7] === 2) ? "known ones are in the baseline and do not block" : ""),
    search("search findings", data.findings, (row) => [RULE(row), WHAT(row), PLACE(row), row[6]].join(" "), shown.fill, ...choices), shown.box];
}

// --- trends ----------------------------------------------------------------------------------------------------------

const TRENDS = [["tests", "Tests", count], ["tests_passed_percent", "Tests passed", (value) => `${floor2(value)} %`],
  ["coverage_percent", "Coverage", (value) => `${floor2(value)} %`], ["median_run_s", "A run takes", seconds],
  ["median_test_job_s", "A test job takes", seconds], ["runs_passed_percent", "Runs passed", (value) => `${floor2(value)} %`]];
const pointsOf = (name) => data.trends.map((row) => [row.day, row[name]]).filter(([, value]) => typeof value === "number");

function curve(points, width, height) {
  const values = points.map(([, value]) => value);
  const low = Math.min(...values), room = Math.max(...values) - low || 1;
  const places = values.map((value, number) => [(width * number) / (values.length - 1), height - 3 - ((height - 6) * (value - low)) / room].map((each) => each.toFixed(1)).join(","));
  return [svg("polygon", { class: "area", points: `0,${height} ${places.join(" ")} ${width},${height}` }), svg("polyline", { class: "line", points: places.join(" ") })];
}

function trends() {
  const made = TRENDS.map(([name, title, told]) => {
    const points = pointsOf(name);
    if (points.length < 2) return "";
    const values = points.map(([, value]) => value), last = values[values.length - 1];
    const grid = [0, 50, 100].map((y) => svg("line", { class: "grid", x1: 0, x2: 300, y1: y, y2: y }));
    return el("figure", { class: "spark" },
      el("figcaption", {}, el("span", { class: "soft" }, title), el("b", {}, told(last)),
        el("span", { class: "soft small" }, `${told(Math.min(...values))} to ${told(Math.max(...values))}`)),
      svg("svg", { viewBox: "0 0 300 100", preserveAspectRatio: "none", role: "img", "aria-label": `${title}: now ${told(last)}` }, ...grid, ...curve(points, 300, 100)),
      el("div", { class: "ends soft small" }, el("span", {}, points[0][0]), el("span", {}, points[points.length - 1][0])));
  });
  return [heading("Trends", `${plural(data.trends.length, "day")} with runs`), el("div", { class: "sparks" }, made)];
}

// --- the page --------------------------------------------------------------------------------------------------------

const TESTS = data.tests.files.reduce((all, [, names]) => all + names.reduce((number, each) => number + (each.length - 1) / 3, 0), 0);
const VIEWS = [["overview", "Overview", overview, true], ["tests", `Tests ${count(TESTS)}`, tests, TESTS],
  ["coverage", "Coverage", coverage, data.coverage.length], ["findings", `Findings ${count(data.findings.length)}`, findings, data.findings.length],
  ["trends", "Trends", trends, data.trends.length > 1]].filter(([, , , there]) => there);

function tile(title, number, note, state, trend) {
  const points = trend ? pointsOf(trend) : [];
  return el("div", { class: `tile ${state}` }, el("span", { class: "soft small" }, title), el("b", {}, number), el("span", { class: "soft small" }, note),
    points.length > 1 ? svg("svg", { viewBox: "0 0 88 30", preserveAspectRatio: "none", "aria-hidden": "true" }, ...curve(points, 88, 30)) : "");
}

function tiles() {
  const { head, gates } = data, made = [];
  const worst = (name) => gates.filter((gate) => gate.name.split(".")[0] === name).map((gate) => gate.state).sort((a, b) => RANK[a] - RANK[b])[0] || "";
  made.push(tile("Jobs", `${head.passed} of ${head.planned}`, "passed", head.state));
  if (TESTS) {
    const counts = new Map();
    for (const [, names] of data.tests.files) {
      for (const ends of names) for (let at = 2; at < ends.length; at += 3) counts.set(ends[at], (counts.get(ends[at]) || 0) + 1);
    }
    const told = [...counts].sort((a, b) => a[0] - b[0]).map(([outcome, number]) => `${count(number)} ${spaced(data.tests.outcomes[outcome])}`);
    const bad = [...counts.keys()].some((outcome) => styleOf(data.tests.outcomes[outcome]) === "bad");
    made.push(tile("Tests", count(TESTS), told.join(", "), worst("tests") || (bad ? "bad" : "good"), "tests"));
  }
  const total = gates.find((gate) => gate.name === "coverage.total" && gate.number !== null); // it may count lines alone
  if (data.coverage.length) made.push(tile("Coverage", `${floor2(total ? total.number : share(WHOLE))} %`, `of ${plural(data.coverage.length, "file")}`, worst("coverage"), "coverage_percent"));
  if (data.findings.length) {
    const known = data.findings.filter((row) => row[7] === 2).length;
    const counts = new Map();
    for (const row of data.findings) counts.set(row[6], (counts.get(row[6]) || 0) + 1);
    const states = [...data.jobs.filter((job) => counts.has(job.id)), ...gates.filter((gate) => counts.has(gate.job))].map((each) => each.state);
    made.push(tile("Findings", count(data.findings.length), [...counts].map(([job, number]) => `${count(number)} ${job}`).join(", ") + (known ? `; ${count(known)} known` : ""),
      states.sort((a, b) => RANK[a] - RANK[b])[0] || ""));
  }
  made.push(tile("Time", seconds(head.duration_s), `${seconds(sum(data.jobs, "cpu_s"))} of work`, "", "median_run_s"));
  return el("div", { class: "tiles" }, made);
}

function start() {
  const head = data.head;
  const panel = el("div", { role: "tabpanel", id: "panel" });
  const made = {};
  const tabs = VIEWS.map(([name, title]) => el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel", on: { click: () => go(name) } }, title));
  function go(name) {
    history.replaceState(null, "", `#${name}`);
    show();
  }
  function show() {
    const at = Math.max(0, VIEWS.findIndex(([name]) => name === location.hash.slice(1)));
    const [name, , make] = VIEWS[at];
    tabs.forEach((tab, number) => {
      tab.setAttribute("aria-selected", String(number === at));
      tab.tabIndex = number === at ? 0 : -1;
    });
    made[name] = made[name] || el("div", {}, make());
    panel.replaceChildren(made[name]);
    panel.setAttribute("aria-labelledby", `tab-${name}`);
  }
  function move(event) {
    const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!to) return;
    const at = (tabs.indexOf(document.activeElement) + to + tabs.length) % tabs.length;
    go(VIEWS[at][0]);
    tabs[at].focus();
  }
  const when = head.started_s ? `${new Date(head.started_s * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC` : "";
  const facts = [`run ${head.run}`, head.commit ? `commit ${head.commit}` : "", when, ...head.reach].filter(Boolean);
  document.getElementById("page").append(
    el("header", {}, el("h1", {}, el("span", { class: `pill ${head.state}` }, head.word), head.project), el("p", { class: "soft" }, facts.join("  ·  ")),
      head.reasons.length ? el("ul", { class: `why ${head.state}`, "aria-label": "why" }, head.reasons.map((reason) => el("li", {}, reason))) : "", tiles()),
    el("nav", { "aria-label": "parts of the report" }, el("ul", { role: "tablist", on: { keydown: move } }, tabs.map((tab) => el("li", { role: "presentation" }, tab)))), panel);
  window.addEventListener("hashchange", show);
  document.addEventListener("keydown", (event) => {
    const field = panel.querySelector("input");
    if (event.key !== "/" || !field || /^(INPUT|SELECT)$/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    field.focus();
  });
  show();
  document.documentElement.dataset.ready = "true";
}

start();
