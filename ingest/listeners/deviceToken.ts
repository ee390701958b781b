import { isDeviceIdent } from '#domain/kernel/ids.ts';
import type { Credentials } from '#ingest/deviceAccess.ts';

const TOKEN = /^([A-Za-z0-9_-]{1,88})\.([0-9a-z]{1,128})$/;
const BEARER = /^Bearer +(\S{1,256})$/i;

/**
 * Ident and secret of a device as one word, for headers and addresses: the ident in base64url, a point, the
 * secret.
 */
export const deviceToken = ({ ident, secret }: Credentials): string =>
  `${Buffer.from(ident).toString('base64url')}.${secret}`;

/** Who a token names; null if it is none. */
export const credentialsOf = (token: string): Credentials | null => {
  const [, encoded = '', secret = ''] = TOKEN.exec(token) ?? [];
  const ident = Buffer.from(encoded, 'base64url').toString('latin1');
  return isDeviceIdent(ident) ? { ident, secret } : null;
};

/** Who the header `Authorization` names by a device's token; null if it names nobody. */
export const bearerOf = (authorization: string | undefined): Credentials | null => {
  const token = BEARER.exec(authorization ?? '')?.[1];
  return token === undefined ? null : credentialsOf(token);
};
