import { z } from 'zod';
import { AccountCode } from '#domain/finance/accounts.ts';
import { Period } from '#domain/finance/period.ts';
import { Code, Reference } from '#domain/kernel/fields.ts';
import { ActorId, Digest, ParkId, PartyId, RunId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Currency } from '#domain/kernel/money.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { assetKey, parkKey, runKey, subjects } from '#domain/kernel/subjects.ts';
import { OpenLine, subjectsOfLine } from './lines/openLine.ts';
import { Minor } from './minor.ts';

/** What a run reckons. */
export const RunKind = z.enum([
  'payout',
  'settlement',
  'operator',
  'closing',
  'depreciation',
  'revaluation',
]);
export type RunKind = z.infer<typeof RunKind>;

export const LINES_PER_EVENT_MAX = 60;
/** So many open lines an event: each concerns two subjects at most, of an event's 64. */
export const OPEN_LINES_PER_EVENT_MAX = 30;
/** So many lines the bank is asked to pay in one event. */
export const ORDERED_PER_EVENT_MAX = 500;
/** So many lines the bank tells of in one event: about 220 bytes each, of an event's 48 KiB. */
export const TOLD_PER_EVENT_MAX = 150;
const LINES_MAX = 1_000_000;
const COSTS_MAX = 40;

/** What an asset hands on from one month to the next. */
const Carried = z.strictObject({ reserve: Minor, advanced: Minor, remainder: Minor });
export type Carried = z.infer<typeof Carried>;

/**
 * How the month of one asset was shared, in minor units. `inputs` is the digest of what it was reckoned
 * from; `allocated` what the holders get, all together; `opening` and `closing` what came in and went on.
 */
export const AssetLine = z.strictObject({
  vehicle: VehicleId,
  inputs: Digest,
  entries: z.int().min(0),
  termsFrom: LocalDate,
  revenue: Minor,
  costs: z.array(z.strictObject({ account: AccountCode, amount: Minor })).max(COSTS_MAX),
  opening: Carried,
  fromReserve: Minor,
  toReserve: Minor,
  advanced: Minor,
  recouped: Minor,
  operatorFee: Minor,
  operatorRest: Minor,
  toInvestors: Minor,
  distributable: Minor,
  shareDays: z.string().regex(/^\d{1,30}$/),
  holders: z.int().min(0),
  allocated: Minor,
  closing: Carried,
});
export type AssetLine = z.infer<typeof AssetLine>;

const of = { run: RunId, kind: RunKind, park: ParkId, period: Period };

type Of = z.infer<z.ZodObject<typeof of>>;
const concerned = ({ run, park }: Of) => subjects(runKey(run), parkKey(park));

/** All lines of a payout added up, in minor units. */
const PayoutTotals = z.strictObject({
  assets: z.int().min(0).max(LINES_MAX),
  holders: z.int().min(0).max(LINES_MAX),
  currency: Currency,
  allocated: Minor,
  operator: Minor,
  reserved: Minor,
  carried: Minor,
});
export type PayoutTotals = z.infer<typeof PayoutTotals>;

/** All lines of a run of another kind added up. `payee` is the party that all of it goes to, if one. */
const OpenTotals = z.strictObject({
  lines: z.int().min(0).max(LINES_MAX),
  currency: Currency,
  amount: Minor,
  payee: PartyId.nullable(),
});
export type OpenTotals = z.infer<typeof OpenTotals>;

export const RunTotals = z.union([PayoutTotals, OpenTotals]);
export type RunTotals = z.infer<typeof RunTotals>;

export const RunProposed = eventType({
  type: 'RunProposed',
  about:
    'A run was reckoned from the facts of a closed month. `inputs` is the digest of all it was reckoned from; approving it approves what these come to under that version of the rules.',
  data: z.strictObject({
    ...of,
    version: z.int().min(1),
    inputs: Digest,
    totals: RunTotals,
    user: ActorId,
  }),
  subjects: concerned,
});

export const RunApproved = eventType({
  type: 'RunApproved',
  about: 'A second person agreed to a run.',
  data: z.strictObject({ ...of, inputs: Digest, user: ActorId }),
  subjects: concerned,
});

export const RunWithdrawn = eventType({
  type: 'RunWithdrawn',
  about: 'A run that was not posted will not be.',
  data: z.strictObject({ ...of, reason: Code, user: ActorId }),
  subjects: concerned,
});

export const RunAssetsReckoned = eventType({
  type: 'RunAssetsReckoned',
  about: 'Lines of a run, one for each asset. They count for nothing before the run is posted.',
  data: z.strictObject({
    ...of,
    from: z.int().min(0).max(LINES_MAX),
    lines: z.array(AssetLine).min(1).max(LINES_PER_EVENT_MAX),
  }),
  subjects: (data) =>
    subjects(...concerned(data), ...data.lines.map(({ vehicle }) => assetKey(vehicle))),
});

/** How many of an event's lines are of one asset. */
const SealedPart = z.strictObject({
  vehicle: VehicleId,
  count: z.int().min(1).max(LINES_PER_EVENT_MAX),
});
export type SealedPart = z.infer<typeof SealedPart>;

export const RunLinesSealed = eventType({
  type: 'RunLinesSealed',
  about:
    'What holders get, a sealed entry each, by asset. They count for nothing before the run is posted.',
  data: z.strictObject({
    ...of,
    from: z.int().min(0).max(LINES_MAX),
    parts: z.array(SealedPart).min(1).max(LINES_PER_EVENT_MAX),
  }),
  subjects: (data) =>
    subjects(...concerned(data), ...data.parts.map(({ vehicle }) => assetKey(vehicle))),
});

export const RunLinesReckoned = eventType({
  type: 'RunLinesReckoned',
  about: 'Lines of a run that hides none. They count for nothing before the run is posted.',
  data: z.strictObject({
    ...of,
    from: z.int().min(0).max(LINES_MAX),
    lines: z.array(OpenLine).min(1).max(OPEN_LINES_PER_EVENT_MAX),
  }),
  subjects: (data) => subjects(...concerned(data), ...data.lines.flatMap(subjectsOfLine)),
});

export const RunPosted = eventType({
  type: 'RunPosted',
  about:
    'The lines of a run hold. `root` is that of the Merkle tree of RFC 6962 over the digests of its lines: of a payout, those of the assets first, then the `count` of the holders.',
  data: z.strictObject({
    ...of,
    inputs: Digest,
    assets: z.int().min(0).max(LINES_MAX),
    count: z.int().min(0).max(LINES_MAX),
    root: Digest,
  }),
  subjects: concerned,
});

export const RunReversed = eventType({
  type: 'RunReversed',
  about: 'A posted run does not hold, and all that was posted of it comes back.',
  data: z.strictObject({ ...of, reason: Code, user: ActorId }),
  subjects: concerned,
});

/** A line by its place among those lines of its run that are paid, from 0. */
const Line = z.int().min(0).max(LINES_MAX);

export const PaymentsOrdered = eventType({
  type: 'PaymentsOrdered',
  about:
    'The bank is asked to pay lines of a run, by the file of that name. Nothing is paid by that.',
  data: z.strictObject({
    ...of,
    message: Reference,
    executionDate: LocalDate,
    lines: z.array(Line).min(1).max(ORDERED_PER_EVENT_MAX),
  }),
  subjects: concerned,
});

/**
 * A line that the bank tells of, of which asset if it is of one, and how much, in minor units. `entry` is the
 * digest of what the bank calls its entry, and of the entry's direction: the same told again is known by it.
 */
const PaidLine = z.strictObject({
  ...{ line: Line, vehicle: VehicleId.nullable(), amount: Minor, entry: Digest },
});
export type PaidLine = z.infer<typeof PaidLine>;

/** The bank's code for why a payment came back, of ISO 20022. */
export const ReturnReason = z.string().regex(/^[A-Z0-9]{1,4}$/);

/** A line that came back; `reason` is null where the bank gives no code for it. */
const ReturnedLine = z.strictObject({ ...PaidLine.shape, reason: ReturnReason.nullable() });
export type ReturnedLine = z.infer<typeof ReturnedLine>;

/** `statement` is the digest of the bank's file as it came. */
const told = { ...of, currency: Currency, statement: Digest };

export const PaymentsConfirmed = eventType({
  type: 'PaymentsConfirmed',
  about: 'The bank says that it has paid lines of a run.',
  data: z.strictObject({ ...told, lines: z.array(PaidLine).min(1).max(TOLD_PER_EVENT_MAX) }),
  subjects: concerned,
});

export const PaymentsReturned = eventType({
  type: 'PaymentsReturned',
  about: 'The bank says that payments came back; the lines are owed again.',
  data: z.strictObject({ ...told, lines: z.array(ReturnedLine).min(1).max(TOLD_PER_EVENT_MAX) }),
  subjects: concerned,
});

export const runEvents = [
  RunProposed,
  RunApproved,
  RunWithdrawn,
  RunAssetsReckoned,
  RunLinesSealed,
  RunLinesReckoned,
  RunPosted,
  RunReversed,
  PaymentsOrdered,
  PaymentsConfirmed,
  PaymentsReturned,
] as const;
export type RunEvent = Fact<(typeof runEvents)[number]>;
