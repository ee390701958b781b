import { holding } from '#commands/aggregate.ts';
import { termsDecider } from '#domain/investors/agreement.ts';
import { termsEvents } from '#domain/investors/events.ts';
import { partyDecider } from '#domain/investors/party.ts';
import { partyEvents } from '#domain/investors/partyEvents.ts';
import { registerEvents } from '#domain/investors/registerEvents.ts';
import { sharesDecider } from '#domain/investors/shares.ts';
import type { PartyId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { partyStream, registerStream, termsStream } from '#domain/kernel/streams.ts';
import { SubjectErased } from '#domain/privacy/events.ts';

const isPartyEvent = holding([...partyEvents, SubjectErased]);
const isTermsEvent = holding(termsEvents);
const isRegisterEvent = holding(registerEvents);

export const partyOf = (tenant: Tenant, id: PartyId) => ({
  decider: partyDecider,
  streamOf: () => partyStream(tenant, id),
  owns: isPartyEvent,
});

/** What is agreed on sharing the result of an asset. */
export const termsOf = (tenant: Tenant, id: VehicleId) => ({
  decider: termsDecider,
  streamOf: () => termsStream(tenant, id),
  owns: isTermsEvent,
});

/** The share register of an asset. */
export const registerOf = (tenant: Tenant, id: VehicleId) => ({
  decider: sharesDecider,
  streamOf: () => registerStream(tenant, id),
  owns: isRegisterEvent,
});
