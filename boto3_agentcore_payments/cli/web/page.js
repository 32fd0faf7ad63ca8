"use strict";
// What the page is made of: elements, talking to the server, the dialog. Text from clients only ever becomes text.
const VERBS = "/moto-api/agentcore-payments/";
const byId = (id) => document.getElementById(id);
const details = byId("details");
let data = null; // the last overview
let opened = null; // the row in the dialog: {name, key, seen, state}
let busy = false; // an action is under way; a second click must not fund twice
let quiet = 0;

function make(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content.filter((each) => each !== null && each !== undefined && each !== false));
  return made;
}
const text = (value, className = "") => make("span", ("text " + className).trim(), String(value));
function button(label, run, className) {
  const made = make("button", className, label);
  made.type = "button";
  made.addEventListener("click", run);
  return made;
}
const field = (label, control) => make("label", "", label, control);
const input = (type, value, more) => Object.assign(make("input"), {type, value, autocomplete: "off"}, more);
function choice(values, chosen) {
  const made = make("select", "", ...values.map(([value, label]) => Object.assign(make("option", "", label), {value})));
  if (chosen !== undefined) made.value = chosen;
  return made;
}
const plain = (values) => values.map((each) => [each, each]);
function form(submit, run, ...fields) {
  const made = make("form", "", ...fields, make("button", "main", submit));
  made.addEventListener("submit", (event) => { event.preventDefault(); run(); });
  return made;
}

// Money: decimal text, added exactly.
const PLACES = 8;
function units(amount, places = PLACES) {
  const found = /^(\d{1,15})(?:\.(\d+))?$/.exec(amount.trim());
  if (!found || (found[2] || "").length > places) return null;
  return BigInt(found[1] + (found[2] || "").padEnd(places, "0"));
}
function dollars(total) {
  const digits = String(total).padStart(PLACES + 1, "0");
  return digits.slice(0, -PLACES) + "." + digits.slice(-PLACES).replace(/0{1,6}$/, "");
}
const sum = (rows, name) => dollars(rows.reduce((total, row) => total + (units(row[name] || "0") || 0n), 0n));

const shortId = (id) => !id ? "–" : id.length > 24 ? id.slice(0, 10) + "…" + id.slice(-6) : id;
function clock(moment) {
  const time = new Date(moment);
  const day = time.toDateString() === new Date().toDateString() ? "" : time.toLocaleDateString() + " ";
  const made = make("time", "", day + time.toLocaleTimeString());
  made.dateTime = moment;
  made.title = moment;
  return made;
}
function link(address, label) {
  if (!/^https?:\/\//i.test(address)) return text(address); // javascript: and the like stay text
  return Object.assign(make("a", "", label || address), {href: address, target: "_blank", rel: "noopener noreferrer"});
}

// Feedback: in the dialog if one is open, because all else is inert then.
function tell(done, problem = "") {
  const root = details.open ? details : byId("toast");
  for (const [name, words] of [[".told", done], [".problem", problem]]) root.querySelector(name).textContent = words;
  clearTimeout(quiet);
  if (done) quiet = setTimeout(() => { for (const each of document.querySelectorAll(".told")) each.textContent = ""; }, 8000);
}
async function act(verb, args, done) {
  if (busy) return false;
  busy = true;
  tell("");
  try {
    const answer = await fetch(verb === "reset" ? "/moto-api/reset" : VERBS + verb, {
      method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(args)});
    const found = await answer.json().catch(() => ({}));
    await look();
    if (answer.ok) tell(typeof done === "function" ? done(current()) : done);
    else tell("", found.message || `The server refused it with status ${answer.status}`);
    return answer.ok;
  } catch {
    tell("", "The server does not answer; look here again before you repeat it");
    return false;
  } finally { busy = false; }
}

// The dialog
function shown(name, value) {
  if (value === null || value === undefined || value === "") return ["–"];
  if (typeof value === "string" && name.endsWith("_url")) return [link(value)];
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value)) return [clock(value), make("span", "soft", "  " + value)];
  return [plainly(value)];
}
function plainly(value) { // a line for each value, whatever it is in
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map(plainly).join("\n") || "–";
  return Object.entries(value).map(([name, each]) => name + ": " + (each && typeof each === "object" ? "\n" + plainly(each).replace(/^/gm, "  ") : each)).join("\n") || "–";
}
function facts(row) {
  const list = [];
  for (const [name, value] of Object.entries(row || {})) list.push(make("dt", "", name.replaceAll("_", " ")), make("dd", "", ...shown(name, value)));
  byId("facts").replaceChildren(...list);
}
function show(title, row, ...acts) {
  byId("title").textContent = title;
  facts(row);
  byId("acts").replaceChildren(...acts.filter(Boolean));
  if (!details.open) details.showModal();
  byId("title").focus();
  tell("");
}
const current = () => opened && rowsOf(opened.name).find((row) => KINDS[opened.name].key(row) === opened.key);
function openRow(name, key) {
  const kind = KINDS[name];
  const row = rowsOf(name).find((each) => kind.key(each) === key);
  if (!row) return;
  opened = {name, key, seen: JSON.stringify(row), state: kind.state ? kind.state(row) : ""};
  show(kind.title(row), kind.facts ? kind.facts(row) : row, ...(kind.acts ? kind.acts(row) : []));
}
function refreshDialog() { // what is open follows the server, and keeps what is typed
  if (!details.open || !opened) return;
  const kind = KINDS[opened.name], row = current();
  if (!row) {
    byId("acts").replaceChildren(make("p", "soft", "It is no longer there."));
    opened = null;
    return;
  }
  const now = JSON.stringify(row), state = kind.state ? kind.state(row) : "";
  if (now === opened.seen) return;
  facts(kind.facts ? kind.facts(row) : row);
  if (state !== opened.state) {
    const focused = byId("acts").contains(document.activeElement);
    byId("acts").replaceChildren(...(kind.acts ? kind.acts(row) : []).filter(Boolean));
    if (focused) (byId("acts").querySelector("input, select, button") || byId("title")).focus();
  }
  Object.assign(opened, {seen: now, state});
}
