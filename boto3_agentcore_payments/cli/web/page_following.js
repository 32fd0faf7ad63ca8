"use strict";
// Follows the server: rows that did not change are left alone, so focus, selection and scrolling stay.
const FIRST = matchMedia("(max-width: 900px)").matches ? {attempts: 10, others: 5} : {attempts: 100, others: 12};
const STEP = 100;
const room = {}; // how many rows of each kind are on the page
const lines = Object.fromEntries(Object.keys(KINDS).map((name) => [name, new Map()]));
let seen = "", known = null, wanted = [], atPlace = "", placesSeen = "", sumsSeen = "", waitingSeen = "";

const rowsOf = (name) => name === "payees" ? byPayee(data.payees.filter(isWanted)) : data[name];
const several = () => placesSeen.includes("\n");
function valuesOf(value) {
  return value === null ? "" : typeof value === "object" ? Object.values(value).map(valuesOf).join("\n") : String(value);
}
function isWanted(row) {
  if (atPlace && !(row.places || [row]).some((each) => each.region ? placeKey(each) === atPlace : atPlace.startsWith(each.account_id))) return false;
  if (!wanted.length) return true;
  const words = valuesOf(row).toLowerCase();
  return wanted.every((each) => words.includes(each));
}
function setFilter(value) {
  byId("filter").value = value;
  filter();
  byId("filter").focus();
}
function filter() {
  wanted = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  atPlace = byId("place").value;
  for (const name of Object.keys(room)) delete room[name];
  if (data) render();
}

function fresh(name, row) {
  const kind = KINDS[name];
  const line = kind.cells ? make("tr", "", make("td", "time")) : make("li", "item");
  if (kind.cells) {
    line.setAttribute("role", "row");
    line.firstChild.setAttribute("role", "cell");
    line.firstChild.append(opener(clock(row.time)));
  }
  line.dataset.key = kind.key(row);
  return line;
}
function fill(name, line, row) {
  const kind = KINDS[name];
  if (kind.cells) {
    line.replaceChildren(line.firstChild, ...kind.cells(row).map(([className, ...content]) => {
      const cell = make("td", className, ...content);
      cell.setAttribute("role", "cell");
      return cell;
    }));
    return;
  }
  const focused = line.contains(document.activeElement);
  line.className = ("item " + (kind.className ? kind.className(row) : "")).trim();
  line.replaceChildren(...kind.lines(row).filter(Boolean));
  if (focused) line.querySelector("button.open").focus({preventScroll: true});
}
function renderKind(name) {
  const section = byId(name), target = section.querySelector(".rows"), old = lines[name];
  const all = data[name], matching = name === "payees" ? rowsOf(name) : all.filter(isWanted);
  const space = room[name] || (name === "attempts" ? FIRST.attempts : FIRST.others);
  const now = new Map();
  for (const row of matching.slice(0, space)) {
    let key = KINDS[name].key(row);
    while (now.has(key)) key += "'"; // two equal faults
    const text = JSON.stringify(row) + several();
    const entry = old.get(key) || {line: fresh(name, row), text: ""};
    if (entry.text !== text) fill(name, entry.line, row);
    entry.text = text;
    now.set(key, entry);
  }
  for (const [key, {line}] of old) if (!now.has(key)) line.remove();
  for (const none of target.querySelectorAll(".none")) none.remove();
  let next = target.firstChild;
  for (const {line} of now.values()) {
    if (line === next) next = next.nextSibling;
    else target.insertBefore(line, next);
  }
  lines[name] = now;
  if (!now.size) {
    const words = all.length ? [`None of ${all.length} matches the filter.`] : EMPTY[name]();
    const none = name === "attempts" ? Object.assign(make("td", "empty", ...words), {colSpan: 5}) : make("li", "none empty", ...words);
    target.append(name === "attempts" ? make("tr", "none", none) : none);
  }
  const total = data.totals[name], filtered = wanted.length || atPlace;
  section.querySelector("h2 span").textContent = !total ? "" : name === "payees" ? matching.length : filtered ? `${matching.length} of ${total}` : total;
  const hidden = matching.length - now.size;
  const more = [];
  if (hidden > 0) more.push(button(`Show ${Math.min(hidden, STEP)} more`, () => {
    const last = target.lastElementChild;
    room[name] = now.size + STEP;
    renderKind(name);
    last.nextElementSibling.querySelector("button.open").focus();
  }), make("span", "", `${hidden} older ${hidden === 1 ? "one is" : "ones are"} not shown.`));
  if (total > all.length) more.push(make("span", "", `The page has the newest ${all.length} of ${total}; the filter looks at those only.`));
  if (name === "faults" && all.length) more.push(button(all.length === 1 ? "Clear it" : "Clear all", () => act("clear-faults", {}, "No fault is in force now")));
  const box = section.querySelector(".more"), words = more.map((each) => each.textContent).join("\n");
  if (box.dataset.words !== words || hidden > 0) {
    const focused = box.contains(document.activeElement);
    box.replaceChildren(...more);
    box.dataset.words = words;
    if (focused && box.querySelector("button")) box.querySelector("button").focus({preventScroll: true});
  }
}

function renderSums() {
  const sessions = data.sessions.filter(isWanted).filter((row) => !row.expired), payees = data.payees.filter(isWanted);
  const refused = data.attempts.filter(isWanted).filter((row) => row.outcome === "refused").length;
  const limited = sessions.filter((row) => row.limit !== null);
  const newest = (name) => data.totals[name] > data[name].length ? ` of the newest ${data[name].length}` : "";
  const tiles = [
    ["sessions", "Left to spend", sum(limited, "left") + " USD", `in ${limited.length} open session${limited.length === 1 ? "" : "s"}${newest("sessions")}` +
      (sessions.length > limited.length ? `, ${sessions.length - limited.length} without limit` : "")],
    ["payees", "Paid: settled", sum(payees, "settled") + " USD", "money has moved"],
    ["payees", "Paid: signed", sum(payees, "signed") + " USD", "charged, not settled yet"],
    ["attempts", "Refused", String(refused), "attempts" + newest("attempts"), refused && "bad"],
  ];
  const faults = data.faults.filter(isWanted).length;
  if (faults) tiles.push(["faults", "Faults in force", String(faults), "planned by a tester", "bad"]);
  const now = JSON.stringify(tiles);
  if (now === sumsSeen) return;
  sumsSeen = now;
  const links = byId("sums").children;
  tiles.forEach(([to, label, value, more, className], number) => {
    const tile = links[number] || byId("sums").appendChild(make("a"));
    tile.href = "#" + to;
    tile.className = className || "";
    tile.replaceChildren(make("span", "", label), make("strong", "", value), make("span", "", more));
  });
  while (links.length > tiles.length) byId("sums").lastChild.remove();
}

const MOST = 5;
function renderWaiting() { // what an agent may be stopped by, and a person can do
  const found = [
    ...data.connectors.filter(waits).map((row) => ["connectors", row, `Connector ${row.name} waits for its owner's consent`]),
    ...data.wallets.filter((row) => !row.granted && row.status === "ACTIVE").map((row) => ["wallets", row, `Wallet of ${row.user}: signing is not granted`]),
    ...data.accounts.filter((row) => !row.subscribed).map((row) => ["accounts", row, `Account ${row.account_id} has no subscription to Coinbase's wallets`]),
    ...data.accounts.flatMap((row) => Object.entries(row.delegated_signing).filter(([, on]) => !on).map(([vendor]) =>
      ["accounts", row, `Account ${row.account_id}: the project at ${vendor} does not let others sign`])),
  ].filter(([, row]) => isWanted(row));
  const now = JSON.stringify(found.map(([name, row, words]) => [name, KINDS[name].key(row), words]));
  if (now === waitingSeen) return;
  waitingSeen = now;
  const list = byId("waiting").querySelector("ul");
  const focused = list.contains(document.activeElement);
  list.replaceChildren(...found.slice(0, MOST).map(([name, row, words]) => {
    const answer = button("Answer", () => openRow(name, KINDS[name].key(row)));
    answer.setAttribute("aria-label", "Answer: " + words);
    return make("li", "", text(words), answer);
  }), ...(found.length > MOST ? [make("li", "soft", `and ${found.length - MOST} more`)] : []));
  byId("waiting").hidden = !found.length;
  if (focused && found.length) list.querySelector("button").focus({preventScroll: true});
}

function renderPlaces() {
  const found = [...new Set(Object.keys(KINDS).flatMap((name) => data[name]).filter((row) => row.region).map(placeKey))].sort();
  const now = found.join("\n");
  if (now === placesSeen) return;
  placesSeen = now;
  const select = byId("place"), chosen = select.value;
  select.replaceChildren(...[["", "All accounts and regions"], ...plain(found)].map(([value, label]) => Object.assign(make("option", "", label), {value})));
  select.value = found.includes(chosen) ? chosen : "";
  select.hidden = found.length < 2;
  atPlace = select.value;
}
function announce() { // for those who do not see the rows appear
  const keys = new Set(data.attempts.map(KINDS.attempts.key));
  if (known) {
    const added = data.attempts.filter((row) => !known.has(KINDS.attempts.key(row)));
    const newest = added[0];
    if (newest) byId("news").textContent = `${added.length} new attempt${added.length === 1 ? "" : "s"} to pay. Newest: ${newest.user || "unknown"}, ` +
      `${newest.amount || "no amount"} USD, ${newest.outcome}${newest.reason ? ": " + newest.reason : ""}`;
  }
  known = keys;
}
function render() {
  renderPlaces();
  renderSums();
  renderWaiting();
  for (const name of Object.keys(KINDS)) renderKind(name);
  refreshDialog();
}
function live(words, lost) {
  if (byId("live").textContent === words) return;
  byId("live").className = lost ? "lost" : "";
  byId("live").textContent = words;
}
async function look() {
  try {
    const answer = await fetch(VERBS + "overview", {cache: "no-store", signal: AbortSignal.timeout(20000)});
    const body = await answer.text();
    if (!answer.ok) throw new Error(body);
    live("live", false);
    if (body === seen) return;
    seen = body;
    data = JSON.parse(body).result;
    announce();
    render();
  } catch {
    live("the server does not answer", true);
  }
}
async function follow() {
  const began = performance.now();
  if (!document.hidden) await look();
  setTimeout(follow, Math.max(1000, 5 * (performance.now() - began)));
}

for (const name of Object.keys(KINDS)) {
  byId(name).querySelector(".rows").addEventListener("click", (event) => {
    const line = event.target.closest("[data-key]");
    const choosing = !event.target.closest("button") && String(getSelection());
    if (line && !choosing) openRow(name, line.dataset.key);
  });
}
byId("filter").addEventListener("input", filter);
byId("place").addEventListener("change", filter);
byId("close").addEventListener("click", () => details.close());
details.addEventListener("close", () => { opened = null; });
details.addEventListener("click", (event) => { if (event.target === details) details.close(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
  if (event.key === "/" && !details.open && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); byId("filter").focus(); }
});

const NAMES = JSON.parse(byId("names").textContent);
byId("plan").addEventListener("click", () => {
  const operation = choice([["*", "any operation"], ...plain(NAMES.operations)], "ProcessPayment");
  const effect = choice([...plain(NAMES.errors), ["lost", "the answer is lost after the change"], ["late", "only late"]], "ThrottlingException");
  effect.name = "effect";
  const message = input("text", "", {placeholder: "the service's own", size: 18, name: "message"});
  const latency = input("number", "0", {min: 0, max: 3600, step: "any", required: true});
  const times = input("number", "1", {min: 1, step: 1, required: true});
  const forever = input("checkbox", "", {name: "forever"});
  forever.addEventListener("change", () => { times.disabled = forever.checked; });
  const [account_id, region] = atPlace.split(" ");
  opened = null;
  show("Plan a fault", null,
    make("p", "soft", atPlace ? `It meets coming calls in ${atPlace}.` : "It meets coming calls in every account and region in use."),
    form("Plan it", async () => {
      const args = {...(atPlace ? {account_id, region} : {}), operation: operation.value, latency: Number(latency.value), times: forever.checked ? null : Number(times.value)};
      if (effect.value === "lost") args.drop_after = true;
      else if (effect.value !== "late") Object.assign(args, {error: effect.value}, message.value ? {message: message.value} : {});
      if (await act("inject-fault", args, "Planned")) { details.close(); tell("The fault is planned"); }
    }, field("operation", operation), field("what happens", effect), field("message", message), field("seconds late", latency), field("calls", times),
    make("label", "tick", forever, "every call until cleared")));
});
byId("reset").addEventListener("click", () => {
  opened = null;
  show("Forget everything?", null,
    make("p", "", "Payments and every other service of moto begin again as this server began: from nothing, or from its seed file."),
    make("div", "acts", button("Reset", async () => { if (await act("reset", {}, "")) { details.close(); tell("Everything is forgotten"); } }, "main")));
});
follow();
