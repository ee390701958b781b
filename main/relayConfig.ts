import { z } from 'zod';

/** What the environment may say about the relays to devices in vehicles. The token is a secret. */
export const RelayEnvironment = z.object({
  WIALON_URL: z.url({ protocol: /^https?$/ }).optional(),
  WIALON_TOKEN: z.string().min(1).max(256).optional(),
});

/** Where Wialon is: its address with the token; the simulator in this process; null: nowhere. */
export type RelayConfig =
  | { readonly kind: 'wialon'; readonly url: string; readonly token: string }
  | { readonly kind: 'simulated' }
  | null;

/**
 * Which Wialon there is. Where all is embedded and none is named, it is the simulator. Throws where an
 * address is given and no token.
 */
export const relayConfig = (
  said: z.infer<typeof RelayEnvironment>,
  { embedded }: { readonly embedded: boolean },
): RelayConfig => {
  if (said.WIALON_URL === undefined) return embedded ? { kind: 'simulated' } : null;
  if (said.WIALON_TOKEN === undefined) {
    throw new Error('WIALON_URL needs WIALON_TOKEN, or a file with it: WIALON_TOKEN_FILE');
  }
  return { kind: 'wialon', url: said.WIALON_URL, token: said.WIALON_TOKEN };
};
