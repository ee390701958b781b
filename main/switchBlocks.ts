import { isLeft } from 'fp-ts/lib/Either.js';
import { switchNewBlocks } from '#commands/immobilization/rules.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { commandLineRequest } from './commandLine.ts';
import type { OpenLedger } from './openLedger.ts';

/**
 * Stops new blocks of a tenant, or, of `platform`, all of them; or allows them again. False: it could not
 * be.
 */
export const switchBlocks = async (
  { ledger }: Pick<OpenLedger, 'ledger'>,
  asked: { readonly tenant: Tenant; readonly allowed: boolean; readonly reason: string },
  say: (line: string) => void,
): Promise<boolean> => {
  const { tenant, ...wanted } = asked;
  const request = commandLineRequest(tenant, { content: wanted, role: 'operations' });
  const done = await switchNewBlocks(ledger)(request, wanted);
  if (isLeft(done)) {
    say(`not done: ${done.left.code}`);
    return false;
  }
  say(
    `new blocks of ${tenant === 'platform' ? 'everybody' : tenant}: ${wanted.allowed ? 'allowed' : 'stopped'}`,
  );
  return true;
};
