import { z } from 'zod';
import { VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { assetKey, subjects } from '#domain/kernel/subjects.ts';
import { Terms } from './terms.ts';

export const TermsAgreed = eventType({
  type: 'TermsAgreed',
  about:
    'How the result of an asset is shared from a local day on. Said again for the same day, it takes the place of what was said before.',
  data: z.strictObject({ vehicle: VehicleId, effectiveFrom: LocalDate, terms: Terms }),
  subjects: ({ vehicle }) => subjects(assetKey(vehicle)),
});

export const termsEvents = [TermsAgreed] as const;
export type TermsEvent = Fact<(typeof termsEvents)[number]>;
