// The session of a person who signed in: it lives as long as the tab.

import { Client, claims } from "./oidc.js";
import { Problem } from "./problem.js";

const TOKENS = "assay.tokens";
const BEGUN = "assay.sign-in";
const EARLY = 60_000; // milliseconds before the token expires

const root = new URL("../../", import.meta.url);
let client = null;
let sends = "id_token";
let renewal = null;

/**
 * Prepares the session, and ends a sign-in that the issuer sends back from. Returns whether requests can be sent: either
 * no sign-in is needed, or there is a session.
 */
export async function start() {
  const options = await configured();
  if (!options.issuer) return true;
  client = new Client(options, root.href);
  sends = options.token;
  const response = new URLSearchParams(location.search);
  if (!response.has("state") || !(response.has("code") || response.has("error"))) return tokens() !== null;
  const { kept, place } = stored(BEGUN) ?? {};
  sessionStorage.removeItem(BEGUN);
  history.replaceState(null, "", root.pathname + (place ?? "")); // a code in the URL is not for the history
  keep(await client.finish(response, kept));
  return true;
}

/** Whether people sign in here. */
export const isUsed = () => client !== null;

/** Leaves the page for the issuer, which sends the browser back to where it is now. */
export async function signIn() {
  const { url, kept } = await client.begin();
  sessionStorage.setItem(BEGUN, JSON.stringify({ kept, place: location.hash }));
  location.assign(url);
}

/** Forgets the session here, and ends it at the issuer. */
export async function signOut() {
  const ended = tokens();
  sessionStorage.removeItem(TOKENS);
  const url = ended && (await client.end(ended).catch(() => null));
  location.assign(url ?? root.href);
}

/** Returns the header that authorizes a request; renews the token if it expires soon, or if it was `refused`. */
export async function authorization({ refused = false } = {}) {
  if (!client) return {};
  if (refused || isExpiring(tokens())) await (renewal ??= renew().finally(() => (renewal = null)));
  const token = bearer(tokens());
  if (!token) throw ended();
  return { Authorization: `Bearer ${token}` };
}

async function renew() {
  const present = tokens();
  if (!present?.refreshToken) throw ended();
  try {
    keep(await client.renew(present));
  } catch (problem) {
    if (problem.title !== "SignInFailed" || problem.status >= 500) throw problem;
    throw ended(); // the refresh token expired, or was revoked
  }
  if (isExpiring(tokens())) throw ended(); // some issuers renew other tokens only
}

function ended() {
  sessionStorage.removeItem(TOKENS);
  dispatchEvent(new Event("session-ended"));
  return new Problem({ title: "SessionEnded", status: 401 });
}

const bearer = (found) => (sends === "id_token" ? found?.idToken : found?.accessToken);

function isExpiring(found) {
  const expiresAt = (claims(bearer(found) ?? "")?.exp ?? 0) * 1000 || found?.expiresAt;
  return !found || expiresAt - Date.now() < EARLY;
}

// Not localStorage, which outlives the tab and is shared with every other one.
const tokens = () => stored(TOKENS);
const keep = (found) => sessionStorage.setItem(TOKENS, JSON.stringify(found));
const stored = (name) => JSON.parse(sessionStorage.getItem(name));

async function configured() {
  const response = await fetch(new URL("sign-in", root)).catch(() => null);
  if (!response?.ok) throw new Problem({ title: response ? "" : "Unreachable", status: response?.status ?? 0 });
  return response.json();
}
