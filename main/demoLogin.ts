import type { Logger } from 'pino';
import { openLogin } from '#adapters/login/openLogin.ts';
import { type DemoIssuer, demoIssuer } from '#api/demoTokens.ts';
import { drivers } from '#projections/drivers.ts';
import { readPage } from '#projections/query.ts';
import { demoKeyFile } from './demoKeyFile.ts';
import { demoTenant } from './fillDemo.ts';
import type { OpenLedger } from './openLedger.ts';

/** The issuer of the demo's tokens, and how to close the login that belongs to it. */
interface DemoLogin {
  readonly issuer: DemoIssuer;
  readonly close: () => Promise<void>;
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

/** The demo's first driver, by id; null while there is none. */
const someDriver =
  ({ sql }: OpenLedger) =>
  async () => {
    const asked = { tenant: demoTenant, filters: [], order: null, cursor: null, limit: 1 };
    const { rows } = await readPage(sql)(drivers, asked);
    return rows[0]?.row.driver ?? null;
  };

/**
 * Opens the demo's login where one is wanted. Where its port is taken it says so, and there are tokens from
 * the command line all the same.
 */
export const demoLogin = async (
  open: OpenLedger,
  say: (line: string) => void,
  logger: Logger,
): Promise<DemoLogin> => {
  const keyFile = demoKeyFile(open.config);
  const { loginPort } = open.config;
  const none = async () => ({ issuer: await demoIssuer(keyFile), close: async () => {} });
  if (loginPort === null) return none();
  const fault = (error: unknown) => logger.error({ work: 'login', err: error }, 'background');
  const cast = { tenant: demoTenant, driver: someDriver(open), fault };
  try {
    const login = await openLogin(loginPort, (address) => demoIssuer(keyFile, address), cast);
    say(`log in at ${login.address} (a demo: no passwords, this machine only)`);
    return login;
  } catch (error) {
    if (!isTaken(error)) throw error;
    say(`no login: port ${loginPort} is taken; npm run token still gives tokens`);
    return none();
  }
};
