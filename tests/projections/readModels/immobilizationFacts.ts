import type { LedgerFact } from '#domain/events.ts';
import {
  BlockAnswered,
  BlockDispatchStarted,
  BlockEnded,
  BlockHeld,
  BlockRequested,
  BlockReviewed,
  ReleaseEnded,
  ReleaseRequested,
} from '#domain/immobilization/events.ts';
import { defaultRules } from '#domain/immobilization/rules.ts';
import { ActorId, InstallationId, JobId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { about } from '#tests/support/projectedEvents.ts';
import { ann, digest, uuid8, van } from '#tests/support/samples.ts';

const user = { user: ActorId.parse(uuid8(0x90)) };
const blocked = { job: JobId.parse(`${van}~${uuid8(0x67)}`), ...about };
const asked = { ...blocked, user: user.user, method: 'vialon_relay' } as const;
const installation = InstallationId.parse(`${van}~${uuid8(0x68)}`);
const rulesUsed = { park: null, version: 0, rules: defaultRules };
const released = { ...asked, job: JobId.parse(`${van}~${uuid8(0x69)}`), installation };

/** Blocks and releases of the one van, as they may follow each other. */
export const immobilizationsAt = (when: Moment, other: Moment): readonly LedgerFact[] => [
  fact(BlockRequested, when, {
    ...asked,
    ...{ reason: 'theft', reasonClass: 'theft_safety', legalBasis: null, waits: true },
    snapshot: { status: 'rented', rental: null, driver: ann, installation, notices: 0 },
    ...{ basis: digest(9), approveBy: null, reviewBy: other.at, expiresAt: other.at },
    rules: rulesUsed,
  }),
  fact(BlockHeld, when, { ...blocked, doubts: ['moving'], sightings: [] }),
  fact(BlockDispatchStarted, when, {
    ...blocked,
    ...{ attempt: 1, reason: 'theft', installation, ignitionFrom: 'wire', sightings: [] },
    rules: rulesUsed,
  }),
  fact(BlockAnswered, when, {
    ...blocked,
    ...{ attempt: 1, outcome: 'not_sent', code: 'moving', again: true },
  }),
  fact(BlockEnded, when, { ...blocked, status: 'unconfirmed', code: 'no_evidence' }),
  fact(BlockReviewed, when, { ...blocked, ...user, finding: 'justified' }),
  fact(ReleaseRequested, when, { ...released, reason: 'mistake' }),
  fact(ReleaseEnded, when, {
    ...{ job: released.job, ...about },
    ...{ status: 'completed', code: 'confirmed' },
  }),
];
