import { z } from 'zod';
import { Digest, HoldingId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/** More changes of one holding than this are a mistake of whoever writes the register. */
const CHANGES_MAX = 10_000;

/**
 * A holding as the log shows it: of which asset, and under which digests its changes are sealed, in the order
 * in which they became known. What they say only the openings tell, which read models do not see: a read
 * model has to be rebuilt from the log alone, and verified against it.
 */
export const HoldingRow = z.strictObject({
  holding: HoldingId,
  vehicle: VehicleId,
  changes: z.array(z.strictObject({ effectiveFrom: LocalDate, digest: Digest })).max(CHANGES_MAX),
  ...lastEvent,
});
export type HoldingRow = z.infer<typeof HoldingRow>;

const evolve = (row: HoldingRow | null, event: ProjectedEvent, key: string): HoldingRow | null => {
  const { fact } = event;
  switch (fact.type) {
    case 'SharesIssued':
    case 'SharesTransferred':
    case 'SharesRedeemed': {
      const { vehicle, effectiveFrom } = fact.data;
      const ids: readonly string[] = fact.data.holdings;
      const place = ids.indexOf(key);
      const [holding, digest] = [fact.data.holdings[place], fact.sealed[place]];
      if (!holding || !digest) throw new Error(`${event.id} does not seal what it touches`);
      const changes = [...(row?.changes ?? []), { effectiveFrom, digest }];
      return { holding, vehicle, changes, ...after(event) };
    }
    default:
      return row;
  }
};

/** Every holding of shares, by its id. */
export const holdings: Projection<HoldingRow> = {
  name: 'holdings',
  version: 1,
  row: HoldingRow,
  handles: ['SharesIssued', 'SharesTransferred', 'SharesRedeemed'],
  keys: ({ fact }) => ('holdings' in fact.data ? fact.data.holdings : []),
  evolve,
  subject: (key) => SubjectKey.parse(`holding:${key}`),
  columns: { vehicle: { path: ['vehicle'], type: 'text' } },
  indexes: [['vehicle']],
};
