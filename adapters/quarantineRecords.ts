import { hash } from 'node:crypto';
import type { Quarantined } from '#ingest/quarantine.ts';

/** Entries as `keep_in_quarantine` takes them, and their bytes by digest, each once. */
export const quarantineRecords = (quarantined: readonly Quarantined[]) => {
  const digests = new Map<Buffer, string>();
  const raws: Record<string, string> = {};
  const digestOf = (raw: Buffer): string => {
    const digest = digests.get(raw) ?? hash('sha256', raw);
    digests.set(raw, digest);
    raws[digest] ??= raw.toString('base64');
    return digest;
  };
  const entries = quarantined.map(({ ident, sender, received_at_us, raw, ...entry }) => ({
    ...entry,
    ident: ident ?? '',
    sender: sender ?? '',
    digest: digestOf(raw),
    bytes: raw.length,
    received_us: received_at_us,
  }));
  return { entries: JSON.stringify(entries), raws: JSON.stringify(raws) };
};
