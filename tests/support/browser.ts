import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { PEOPLE_CLIENT } from '#adapters/login/demoUsers.ts';

const REDIRECTS_MAX = 10;
/** What the token endpoint answers when it gives a token. */
export const Token = z.object({ access_token: z.string(), token_type: z.literal('Bearer') });

/** A reply of a server on this machine: no redirect is followed by itself. */
const ask = (url: string | URL, init: RequestInit = {}) =>
  fetch(url, { ...init, redirect: 'manual' });

/**
 * A browser as far as a login needs one: it keeps cookies and follows redirects up to the client's own
 * address, where nobody listens.
 */
export const browser = (issuer: string) => {
  const cookies = new Map<string, string>();
  const visit = async (url: URL, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await ask(url, { ...init, headers: { ...init.headers, cookie } });
    for (const line of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return reply;
  };
  /** Follows redirects; answers with the last page, or with where the client was called back. */
  const follow = async (start: URL, init: RequestInit = {}) => {
    let url = start;
    let reply = await visit(url, init);
    for (let n = 0; n < REDIRECTS_MAX; n += 1) {
      const location = reply.headers.get('location');
      if (location === null) return { url, reply, back: null };
      url = new URL(location, url);
      if (url.pathname === '/callback') return { url, reply, back: url.searchParams };
      reply = await visit(url);
    }
    throw new Error('redirected for ever');
  };
  return {
    /** Begins a login; `changed` are parameters other than the usual ones. */
    begin: async (changed: Readonly<Record<string, string>> = {}) => {
      const verifier = randomBytes(32).toString('base64url');
      const url = new URL('/auth', issuer);
      url.search = new URLSearchParams({
        client_id: PEOPLE_CLIENT,
        response_type: 'code',
        scope: 'openid',
        redirect_uri: 'http://127.0.0.1:9/callback',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...changed,
      }).toString();
      return { verifier, ...(await follow(url)) };
    },
    /** Picks somebody on the page that was shown. */
    pick: (page: URL, fields: Readonly<Record<string, string>>) =>
      follow(page, { method: 'POST', body: new URLSearchParams(fields) }),
  };
};

/** Asks the token endpoint; the reply as it comes. */
export const tokenReply = (issuer: string, fields: Readonly<Record<string, string>>) =>
  ask(new URL('/token', issuer), { method: 'POST', body: new URLSearchParams(fields) });

/** Exchanges a code of a login for an access token. */
export const exchange = async (issuer: string, code: string, verifier: string): Promise<string> => {
  const reply = await tokenReply(issuer, {
    grant_type: 'authorization_code',
    client_id: PEOPLE_CLIENT,
    redirect_uri: 'http://127.0.0.1:9/callback',
    code,
    code_verifier: verifier,
  });
  return Token.parse(await reply.json()).access_token;
};
