import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errors, type Provider } from 'oidc-provider';
import { z } from 'zod';
import type { DemoIssuer } from '#api/demoTokens.ts';
import { MFA_ACR } from '#api/stepUp.ts';
import {
  DEMO_USERS,
  MACHINE_CLIENT,
  machineSecret,
  PEOPLE_CLIENT,
  totpSecret,
} from './demoUsers.ts';
import { errorPage, frontPage, loginPage, PAGE_HEADERS } from './page.ts';
import { type DemoCast, demoProvider, wantsSecondFactor } from './provider.ts';
import { base32, totpNow, totpStep } from './totp.ts';

/** Only from this machine: whoever gets there can log in as whom they like. */
const LOOPBACK = '127.0.0.1';
const FORM_MAX_BYTES = 4_096;
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTIONS_MAX = 100;

/** The login of the demo while it is open. */
export interface Login {
  readonly address: string;
  readonly close: () => Promise<void>;
}

const Form = z.object({ user: z.string(), code: z.string().optional() });

const formOf = async (request: IncomingMessage): Promise<z.infer<typeof Form> | null> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > FORM_MAX_BYTES) return null;
    chunks.push(part);
  }
  const fields = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
  return Form.safeParse(Object.fromEntries(fields)).data ?? null;
};

const show = (response: ServerResponse, html: string, status = 200): void => {
  response.writeHead(status, PAGE_HEADERS).end(html);
};

/** Takes a code once: it is worth nothing to whoever looked over a shoulder. */
const codesTakenOnce = (issuer: DemoIssuer) => {
  const last = new Map<string, number>();
  return (user: string, code: string): boolean => {
    const step = totpStep(totpSecret(issuer, user), code, Date.now());
    if (step === null || step <= (last.get(user) ?? 0)) return false;
    last.set(user, step);
    return true;
  };
};

const interaction = (provider: Provider, issuer: DemoIssuer) => {
  const takesCode = codesTakenOnce(issuer);
  const choices = () =>
    DEMO_USERS.map(({ id, label }) => {
      const secret = totpSecret(issuer, id);
      return { id, label, secret: base32(secret), code: totpNow(secret, Date.now()) };
    });
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { uid, params } = await provider.interactionDetails(request, response);
    const needsCode = wantsSecondFactor(params['acr_values']);
    const ask = (wrong: string | null): void =>
      show(
        response,
        loginPage({ action: `/interaction/${uid}`, choices: choices(), needsCode, wrong }),
        wrong === null ? 200 : 400,
      );
    if (request.method !== 'POST') return ask(null);
    const form = await formOf(request);
    const user = DEMO_USERS.find(({ id }) => id === form?.user);
    if (!form || !user) return ask('Pick somebody.');
    const code = form.code ?? '';
    if (code === '' && needsCode) return ask('A one-time code is needed here.');
    if (code !== '' && !takesCode(user.id, code))
      return ask('That code is not right, not of this minute, or was used before.');
    const shown = code === '' ? { amr: ['user'] } : { acr: MFA_ACR, amr: ['user', 'otp', 'mfa'] };
    const login = { accountId: user.id, ts: Math.floor(Date.now() / 1_000), ...shown };
    await provider.interactionFinished(
      request,
      response,
      { login },
      { mergeWithLastSubmission: false },
    );
  };
};

/** Whose demo it is, and who is told of what is broken. */
interface Backstage extends DemoCast {
  readonly fault: (error: unknown) => void;
}

/** Opens the login at a port of this machine; 0 is any that is free. Rejects where it is taken. */
export const openLogin = async (
  port: number,
  issuerAt: (address: string) => Promise<DemoIssuer>,
  { fault, ...cast }: Backstage,
): Promise<Login & { readonly issuer: DemoIssuer }> => {
  const http = createServer({ requestTimeout: REQUEST_TIMEOUT_MS });
  http.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((listening, failed) => {
    http.once('error', failed);
    http.listen(port, LOOPBACK, listening);
  });
  const { port: bound } = z.custom<AddressInfo>().parse(http.address());
  const host = `${LOOPBACK}:${bound}`;
  const address = `http://${host}`;
  const issuer = await issuerAt(address);
  const provider = demoProvider(address, issuer, cast);
  provider.on('server_error', (_ctx, error) => fault(error));
  const provide = provider.callback();
  const interact = interaction(provider, issuer);
  const front = frontPage({
    issuer: address,
    client: PEOPLE_CLIENT,
    machine: MACHINE_CLIENT,
    secret: machineSecret(issuer),
  });
  http.on('request', (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    // A page of somebody else's that got its name to point here must not read what we say.
    if (request.headers.host !== host) return show(response, errorPage('not this host'), 421);
    if (path === '/') return show(response, front);
    if (!path.startsWith('/interaction/')) return provide(request, response);
    interact(request, response).catch((error: unknown) => {
      if (!(error instanceof errors.SessionNotFound)) fault(error);
      show(response, errorPage('This login is over. Begin again where you came from.'), 400);
    });
  });
  return {
    address,
    issuer,
    close: () =>
      new Promise((closed) => {
        http.close(() => closed());
        http.closeAllConnections();
      }),
  };
};
