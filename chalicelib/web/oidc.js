// OpenID Connect for a public client: the authorization code flow with PKCE, renewal, and sign-out.

import { Problem } from "./problem.js";

const encoded = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => encoded(crypto.getRandomValues(new Uint8Array(32)));

/** Returns the claims of a JWT, or null for a token of another form. They are not verified: the API does that. */
export function claims(token) {
  try {
    const bytes = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
  } catch {
    return null;
  }
}

export class Client {
  /** `address` is where the issuer sends people back; it is registered there. */
  constructor({ issuer, clientId, scopes }, address) {
    Object.assign(this, { issuer, clientId, scopes, address });
  }

  /** Returns the URL that begins a sign-in, and what has to be kept until it ends. */
  async begin() {
    const { authorization_endpoint: endpoint } = await this.#configuration();
    const kept = { state: random(), nonce: random(), verifier: random() };
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(kept.verifier));
    const url = withParameters(endpoint, {
      response_type: "code",
      client_id: this.clientId,
      redirect_uri: this.address,
      scope: this.scopes,
      state: kept.state,
      nonce: kept.nonce,
      code_challenge: encoded(new Uint8Array(digest)),
      code_challenge_method: "S256",
    });
    return { url, kept };
  }

  /** Exchanges the issuer's response, the parameters of the URL, for tokens. */
  async finish(response, kept) {
    if (!kept || response.get("state") !== kept.state) throw failed("this tab did not begin it");
    if ((response.get("iss") ?? this.issuer) !== this.issuer) throw failed("another issuer answered");
    if (response.has("error")) throw failed(response.get("error_description") ?? response.get("error"));
    const form = { grant_type: "authorization_code", code: response.get("code"), redirect_uri: this.address, code_verifier: kept.verifier };
    const tokens = await this.#tokens(form);
    const { iss, aud, nonce } = claims(tokens.idToken) ?? {};
    if (iss !== this.issuer || ![aud].flat().includes(this.clientId) || nonce !== kept.nonce) throw failed("the issuer's token is not for it");
    return tokens;
  }

  /** Returns new tokens; those that the issuer does not renew stay. */
  async renew(tokens) {
    const renewed = await this.#tokens({ grant_type: "refresh_token", refresh_token: tokens.refreshToken });
    return { ...tokens, ...renewed };
  }

  /** Revokes the refresh token, and returns the URL that ends the issuer's session; null if there is none. */
  async end({ idToken, refreshToken }) {
    const { revocation_endpoint: revocation, end_session_endpoint: end } = await this.#configuration();
    // The session ends here all the same if the issuer cannot revoke it.
    if (revocation && refreshToken) await this.#post(revocation, { token: refreshToken, token_type_hint: "refresh_token" }).catch(() => {});
    // Cognito calls the last parameter `logout_uri`.
    const parameters = { id_token_hint: idToken, client_id: this.clientId, post_logout_redirect_uri: this.address, logout_uri: this.address };
    return end ? withParameters(end, parameters) : null;
  }

  async #tokens(form) {
    const response = await this.#post((await this.#configuration()).token_endpoint, form);
    const content = await response.json().catch(() => ({}));
    if (!response.ok) throw failed(content.error_description ?? content.error ?? `the issuer responded with ${response.status}`, response.status);
    const expiresAt = Date.now() + (content.expires_in ?? 300) * 1000;
    const { id_token: idToken, access_token: accessToken, refresh_token: refreshToken } = content;
    return defined({ idToken, accessToken, refreshToken, expiresAt });
  }

  #post(url, form) {
    return ask(url, { method: "POST", body: new URLSearchParams({ client_id: this.clientId, ...form }) });
  }

  /** Fetches the issuer's configuration once. */
  async #configuration() {
    if (this.configuration) return this.configuration;
    const response = await ask(`${this.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    const found = await response.json().catch(() => ({}));
    if (found.issuer !== this.issuer) throw failed("the issuer is not configured as it calls itself");
    this.configuration = found;
    return found;
  }
}

async function ask(url, options) {
  try {
    return await fetch(url, options);
  } catch {
    throw new Problem({ title: "IssuerUnreachable" });
  }
}

const failed = (detail, status = 400) => new Problem({ title: "SignInFailed", detail: `Sign-in failed: ${detail}`, status });

const defined = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

function withParameters(endpoint, parameters) {
  const url = new URL(endpoint);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
