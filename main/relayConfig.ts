import { z } from 'zod';

/** What the environment may say about the relays to devices in vehicles. The token is a secret. */
export const RelayEnvironment = z.object({
  WIALON_URL: z.url({ protocol: /^https?$/ }).optional(),
  WIALON_TOKEN: z.string().min(1).max(256).optional(),
  WIALON_TOKEN_FILE: z.string().min(1).optional(),
});

/**
 * Where Wialon is: its address with the token or the file that holds it; the simulator in this process; null:
 * nowhere.
 */
export type RelayConfig =
  | {
      readonly kind: 'wialon';
      readonly url: string;
      readonly token: string | null;
      readonly tokenFile: string | null;
    }
  | { readonly kind: 'simulated' }
  | null;

/**
 * Which Wialon there is. Where all is embedded and none is named, it is the simulator. Throws where an
 * address is given and no token, or a token in two ways.
 */
export const relayConfig = (
  said: z.infer<typeof RelayEnvironment>,
  { embedded }: { readonly embedded: boolean },
): RelayConfig => {
  if (said.WIALON_URL === undefined) return embedded ? { kind: 'simulated' } : null;
  const token = said.WIALON_TOKEN ?? null;
  const tokenFile = said.WIALON_TOKEN_FILE ?? null;
  if ((token === null) === (tokenFile === null)) {
    throw new Error('WIALON_URL needs one of WIALON_TOKEN, WIALON_TOKEN_FILE');
  }
  return { kind: 'wialon', url: said.WIALON_URL, token, tokenFile };
};
