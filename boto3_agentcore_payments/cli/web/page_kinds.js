"use strict";
// What is shown of each kind of row, and what can be done about it.
const place = (row) => ({account_id: row.account_id, region: row.region});
const placeKey = (row) => row.account_id + " " + (row.region || "");
const keyOf = (...names) => (row) => [placeKey(row), ...names.map((name) => row[name])].join("/");
const mark = (label, kind) => make("span", "mark " + (kind || ""), label);
const GOOD = {READY: "settled", ACTIVE: "settled", PENDING_AUTHENTICATION: "signed"};
const BAD = /FAILED|EXPIRED|REQUIRED|BLOCKED/;
const statusMark = (status) => mark(status, GOOD[status] || (BAD.test(status) ? "refused" : ""));
const pair = (left, right, className) => make("div", ("pair " + (className || "")).trim(), left, right);
const where = (row) => several() && make("div", "soft small", placeKey(row).trim());
const opener = (label) => Object.assign(make("button", "open text", label), {type: "button"});
const ofIt = (value) => button("Show its payments", () => { details.close(); setFilter(value); });
function simple(row, state, more) {
  return [pair(opener(row.name), statusMark(state)), make("div", "soft id", more), where(row)];
}
function grantMark(row) {
  if (!row.granted) return mark("signing not granted", "refused");
  return row.grant_ends ? make("span", "small", "signing granted until ", clock(row.grant_ends)) : make("span", "small", "signing granted");
}
function leadTo(label, name, id) {
  const found = id && data[name].find((row) => row.id === id);
  return found && button(label, () => openRow(name, KINDS[name].key(found)));
}
const waits = (row) => row.status === "PENDING_AUTHENTICATION";

const KINDS = {
  attempts: {
    key: keyOf("number"),
    title: () => "Attempt to pay",
    state: (row) => row.outcome,
    cells: (row) => [
      ["who", text(row.user || "–"), row.agent && make("div", "soft text", row.agent)],
      ["number", row.amount || "–"],
      ["payee", Object.assign(text(shortId(row.payee), "id"), {title: row.payee || ""}), row.network && make("div", "soft text", row.network), where(row)],
      ["outcome", mark(row.outcome, row.outcome), row.reason && text(row.reason, "reason")],
    ],
    acts: (row) => [
      row.outcome === "signed" && make("p", "", "The proof is signed and charged to the session; no money has moved yet."),
      make("div", "acts",
        row.outcome === "signed" && button("Settle it", () => act("settle", {...place(row), reference: row.process_payment_id}, "Settled"), "main"),
        leadTo("Open its session", "sessions", row.session_id), leadTo("Open its wallet", "wallets", row.instrument_id)),
    ],
  },
  sessions: {
    key: keyOf("id"),
    title: (row) => "Session of " + row.user,
    className: (row) => row.expired ? "ended" : "",
    lines: (row) => {
      const part = row.limit === null ? 0 : Math.min(100, 100 * Number(row.spent) / Number(row.limit));
      const fill = make("i");
      fill.style.width = part + "%";
      const bar = make("span", "bar" + (part >= 90 ? " full" : ""), fill);
      bar.setAttribute("aria-hidden", "true"); // the words below say it
      return [
        pair(opener(row.user), make("strong", "number", row.limit === null ? "no limit" : row.left + " USD left")),
        row.limit !== null && bar,
        pair(make("span", "", row.limit === null ? row.spent + " spent" : row.spent + " of " + row.limit + " spent"),
          make("span", "", row.expired ? "ended " : "ends ", clock(row.ends_at)), "soft small"),
        where(row),
      ];
    },
    acts: (row) => [make("div", "acts", ofIt(row.id))],
  },
  payees: {
    key: (row) => [placeKey(row), row.payee.startsWith("0x") ? row.payee.toLowerCase() : row.payee, row.network].join("/"),
    title: (row) => "Paid to " + shortId(row.payee),
    lines: (row) => [
      pair(Object.assign(opener(shortId(row.payee)), {title: row.payee}), make("strong", "number", row.total + " USD")),
      pair(text(row.network), make("span", "", row.payments === 1 ? "1 payment" : row.payments + " payments"), "soft small"),
      pair(text("by " + Object.keys(row.by_user).slice(0, 3).join(", ") + (Object.keys(row.by_user).length > 3 ? " and others" : "")),
        make("span", "", row.settled + " settled"), "soft small"),
      where(row),
    ],
    acts: (row) => [make("div", "acts", ofIt(row.payee))],
  },
  wallets: {
    key: keyOf("id"),
    title: (row) => "Wallet of " + row.user,
    state: (row) => [row.status, row.granted, row.grant_ends].join(),
    lines: (row) => {
      const held = Object.entries(row.balances);
      return [
        pair(opener(row.user), statusMark(row.status)),
        ...(held.length ? held : [[row.network, "0.00"]]).map(([chain, amount]) =>
          pair(make("span", "soft", chain), make("strong", "number", amount + " USDC"))),
        pair(Object.assign(text(shortId(row.address), "id soft"), {title: row.address || ""}), grantMark(row)),
        where(row),
      ];
    },
    acts: (row) => {
      const amount = input("text", "1.00", {inputMode: "decimal", size: 9, name: "amount", required: true});
      const chains = choice(plain(row.chains), row.network === "SOLANA" ? "SOLANA_DEVNET" : "BASE_SEPOLIA");
      const wallet = {...place(row), instrument_id: row.id};
      const fund = form("Fund", () => {
        const atomic = units(amount.value, 6);
        if (!atomic) { tell("", "An amount of USDC with at most 6 decimals is needed, such as 1.50"); amount.focus(); return; }
        const funded = amount.value.trim();
        act("fund-wallet", {...place(row), wallet: row.id, amount: String(atomic), chain: chains.value}, `Funded with ${funded} USDC on ${chains.value}`);
      }, field("USDC", amount), field("on", chains));
      const coinbase = row.vendor === "CoinbaseCDP";
      const days = choice([7, 30, 60, 90].map((each) => [each, each + " days"]), 30);
      days.name = "days";
      const give = form(row.granted ? "Give again" : "Give grant", () => act("give-grant", coinbase ? {...wallet, days: Number(days.value)} : wallet,
        "Signing is granted" + (coinbase ? ` for ${days.value} days` : " until it is revoked")), coinbase && field("signing granted for", days));
      if (row.granted) give.append(button("Revoke grant", () => act("revoke-grant", wallet, "The grant is revoked; payments from this wallet are refused")));
      const blocked = row.status === "BLOCKED";
      const block = button(blocked ? "Unblock" : "Block", () => act(blocked ? "unblock-instrument" : "block-instrument", wallet,
        blocked ? "Unblocked" : "Blocked; it cannot pay"));
      return [
        make("p", "", grantMark(row)), give, fund,
        make("div", "acts", ofIt(row.id), (blocked || row.status === "ACTIVE") && block, row.redirect_url && link(row.redirect_url, "Open the user's WalletHub")),
      ];
    },
  },
  faults: {
    key: keyOf("operation", "error", "message", "latency", "drop_after"),
    title: (row) => "Fault of " + (row.operation === "*" ? "any operation" : row.operation),
    lines: (row) => [
      pair(opener(row.operation === "*" ? "any operation" : row.operation), mark(row.times === null ? "until cleared" : "next " + row.times, "signed")),
      make("div", "soft small", [row.error, row.latency ? row.latency + " s late" : "", row.drop_after ? "answer lost" : ""].filter(Boolean).join(" · ")),
      several() && make("div", "soft small", row.places.length === 1 ? placeKey(row) : row.places.length + " accounts and regions"),
    ],
    acts: (row) => [make("div", "acts", button("Clear the faults of " + (row.operation === "*" ? "any operation" : row.operation), () =>
      act("clear-faults", {...(row.places.length === 1 ? place(row) : {}), operation: row.operation}, "Cleared")))],
  },
  managers: {
    key: keyOf("id"), title: (row) => "Manager " + row.name,
    lines: (row) => simple(row, row.status, row.id + " · " + row.authorizer_type),
    acts: (row) => [make("div", "acts", ofIt(row.id))],
  },
  connectors: {
    key: keyOf("manager_id", "id"), title: (row) => "Connector " + row.name,
    state: (row) => row.status,
    lines: (row) => simple(row, row.status, row.type + " · " + row.provision_mode + " · " + row.id),
    acts: (row) => {
      const args = {...place(row), connector_id: row.id, manager_id: row.manager_id};
      const now = (after) => "Answered; it is now " + (after ? after.status : "gone");
      return waits(row) ? [make("p", "", "Its owner has not yet consented to the credentials that the service is to make", ...(row.authorization_ends ? [" (until ", clock(row.authorization_ends), ")"] : []), "."),
        make("div", "acts", button("Approve", () => act("approve-authorization", args, now), "main"), button("Refuse", () => act("fail-authorization", args, now)),
          row.authorization_url && link(row.authorization_url, "Open the consent page"))] : [];
    },
  },
  credential_providers: {
    key: keyOf("arn"), title: (row) => "Credential provider " + row.name,
    lines: (row) => [pair(opener(row.name), mark(row.vendor)), make("div", "soft id", row.arn)],
  },
  accounts: {
    key: keyOf(), title: (row) => "Account " + row.account_id,
    state: (row) => JSON.stringify(row),
    lines: (row) => [
      pair(opener(row.account_id), mark(row.subscribed ? "subscribed" : "no subscription", row.subscribed ? "settled" : "refused")),
      make("div", "soft small", [row.kind === "NEW" ? "a new account" : "", row.restriction === "NONE" ? "" : row.restriction,
        row.mpp_access ? "" : "no access to MPP", ...Object.entries(row.delegated_signing).map(([vendor, on]) => on ? "" : vendor + " does not let others sign"),
        row.policies.length ? row.policies.length + " policies" : ""].filter(Boolean).join(" · ") || "nothing is missing"),
    ],
    acts: (row) => {
      const of = {account_id: row.account_id};
      const toggle = (label, verb, args, done, main) => button(label, () => act(verb, {...of, ...args}, done), main && "main");
      return [
        make("p", "soft", "Coinbase's wallets need a subscription in AWS Marketplace; each vendor's project must let others sign."),
        make("div", "acts",
          row.subscribed ? toggle("End the subscription", "unsubscribe", {}, "The account has no subscription now")
            : toggle("Subscribe", "subscribe", {}, "Subscribed to Coinbase's wallets", true),
          ...Object.entries(row.delegated_signing).map(([vendor, on]) => toggle(vendor + (on ? ": forbid signing" : ": let others sign"),
            "set-delegated-signing", {vendor, enabled: !on}, vendor + (on ? " does not let others sign now" : " lets others sign"))),
          toggle(row.mpp_access ? "Take access to MPP" : "Give access to MPP", "set-mpp-access", {enabled: !row.mpp_access},
            row.mpp_access ? "The account has no access to MPP now" : "The account has access to MPP")),
      ];
    },
  },
};

// One row for what all users paid to one payee on one network.
function byPayee(rows) {
  const groups = new Map();
  for (const row of rows) {
    const key = KINDS.payees.key(row);
    const group = groups.get(key) || {payee: row.payee, network: row.network, ...place(row), parts: []};
    group.parts.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].map(({parts, ...group}) => ({
    ...group,
    total: dollars(units(sum(parts, "settled")) + units(sum(parts, "signed"))),
    settled: sum(parts, "settled"), signed_not_settled: sum(parts, "signed"),
    payments: parts.reduce((total, row) => total + row.payments, 0), last: parts[0].time,
    by_user: Object.fromEntries(parts.map((row) => [row.user, row.settled + " settled, " + row.signed + " signed"])),
  }));
}

// What to do first, where there is nothing.
const EMPTY = {
  attempts: () => data.managers.length ? ["No attempt yet. Each ProcessPayment appears here, refused ones too."] : [
    "No attempt yet. Each ProcessPayment appears here, refused ones too. To begin:",
    make("ol", "",
      make("li", "", "Point a program at this server: ", make("code", "", `export AWS_ENDPOINT_URL=${location.origin} AWS_DEFAULT_REGION=us-west-2 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test`)),
      make("li", "", "Let it make a payment manager, a connector, a wallet and a session, or ", button("Make an example of each", example), "."),
      make("li", "", "Let it pay: ProcessPayment, or ", make("code", "", "agentcore-payments pay URL"), "."))],
  sessions: () => ["None yet. CreatePaymentSession gives a user an amount to spend and an end."],
  payees: () => ["Nobody was paid yet."],
  wallets: () => ["None yet. CreatePaymentInstrument makes one, of a connector that is READY."],
  faults: () => ["None. “Plan a fault” makes coming calls fail, wait, or lose their answer."],
  managers: () => ["None yet. Begin with CreatePaymentManager."],
  connectors: () => ["None yet. CreatePaymentConnector connects a manager with a wallet vendor."],
  credential_providers: () => ["None yet. CreatePaymentCredentialProvider keeps a vendor's credentials."],
  accounts: () => ["None in use."],
};
function example() {
  act("seed", {start: {managers: [{name: "example", connectors: [{name: "wallets", wallets: [{user: "alice", funds: "5.00"}]}],
    sessions: [{user: "alice", minutes: 60, limit: "2.00"}]}]}}, "A manager, a connector, a wallet with 5.00 USDC and a session of alice's are there");
}
