import type { Adapter, AdapterPayload } from 'oidc-provider';

const ENTRIES_MAX = 10_000;

interface Entry {
  readonly payload: AdapterPayload;
  readonly until_ms: number;
}

/**
 * What the provider has to remember: sessions, codes, grants. It is gone with the process; then one logs in
 * again. The oldest entries go first.
 */
export const memoryState = (): ((name: string) => Adapter) => {
  const held = new Map<string, Entry>();
  const find = (key: string): AdapterPayload | undefined => {
    const entry = held.get(key);
    if (entry && Date.now() < entry.until_ms) return entry.payload;
    held.delete(key);
    return undefined;
  };
  const findBy = (name: string, matches: (payload: AdapterPayload) => boolean) => {
    for (const key of held.keys()) {
      const payload = key.startsWith(`${name}:`) ? find(key) : undefined;
      if (payload && matches(payload)) return payload;
    }
    return undefined;
  };
  return (name) => ({
    upsert: async (id, payload, expiresIn_s) => {
      const key = `${name}:${id}`;
      held.delete(key);
      const [oldest] = held.keys();
      if (held.size >= ENTRIES_MAX && oldest !== undefined) held.delete(oldest);
      const life_ms = expiresIn_s === undefined ? Number.POSITIVE_INFINITY : expiresIn_s * 1_000;
      held.set(key, { payload, until_ms: Date.now() + life_ms });
    },
    find: async (id) => find(`${name}:${id}`),
    findByUid: async (uid) => findBy(name, (payload) => payload.uid === uid),
    findByUserCode: async (code) => findBy(name, (payload) => payload.userCode === code),
    consume: async (id) => {
      const payload = find(`${name}:${id}`);
      if (payload) payload.consumed = Math.floor(Date.now() / 1_000);
    },
    destroy: async (id) => {
      held.delete(`${name}:${id}`);
    },
    revokeByGrantId: async (grantId) => {
      for (const [key, { payload }] of held) if (payload.grantId === grantId) held.delete(key);
    },
  });
};
