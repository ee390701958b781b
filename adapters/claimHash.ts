import { createHmac } from 'node:crypto';
import type { ClaimHash } from '#commands/ports.ts';
import { keyStore } from './keyStore.ts';

/**
 * Hashes of claims under the key of a key store's directory: HMAC-SHA256 over the kind, a zero byte and the
 * value. A kind contains no zero byte.
 */
export const claimHash = async (keyStoreDir: string): Promise<ClaimHash> => {
  const key = await (await keyStore(keyStoreDir)).claimKey();
  return {
    of: ({ kind, value }) => createHmac('sha256', key).update(`${kind}\0${value}`).digest('hex'),
  };
};
