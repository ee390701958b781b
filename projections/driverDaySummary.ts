import { z } from 'zod';
import type { LedgerFact } from '#domain/events.ts';
import { Code, Distance_m, Duration_s, PenaltyPoints } from '#domain/kernel/fields.ts';
import { Money } from '#domain/kernel/money.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';

/**
 * An event in a few words: the thing it is about, a code (a kind, offence or reason), and the figures it
 * brings. What an event does not say is null.
 */
export const DriverDaySummary = z.strictObject({
  about: SubjectKey.nullable(),
  code: Code.nullable(),
  distance_m: Distance_m.nullable(),
  duration_s: Duration_s.nullable(),
  amount: Money.nullable(),
  points: PenaltyPoints.nullable(),
  score: z.int().nullable(),
});
type DriverDaySummary = z.infer<typeof DriverDaySummary>;

const nothing: DriverDaySummary = {
  about: null,
  code: null,
  distance_m: null,
  duration_s: null,
  amount: null,
  points: null,
  score: null,
};

const aboutOf = ({ data }: LedgerFact): SubjectKey | null => {
  if ('fine' in data && data.fine !== null) return SubjectKey.parse(`fine:${data.fine}`);
  if ('incident' in data) return SubjectKey.parse(`incident:${data.incident}`);
  if ('trip' in data && data.trip !== null) return SubjectKey.parse(`trip:${data.trip}`);
  if ('rental' in data && data.rental !== null) return SubjectKey.parse(`rental:${data.rental}`);
  return null;
};

const codeOf = (fact: LedgerFact): string | null => {
  switch (fact.type) {
    case 'FineIssued':
      return fact.data.offence;
    case 'IncidentRecorded':
    case 'DriverDocumentRecorded':
      return fact.data.kind;
    case 'DriverRated':
      return fact.data.source;
    default:
      return 'reason' in fact.data ? fact.data.reason : null;
  }
};

/** An event of a driver's day in a few words. */
export const summaryOf = (fact: LedgerFact): DriverDaySummary => {
  const said = { ...nothing, about: aboutOf(fact), code: codeOf(fact) };
  switch (fact.type) {
    case 'TripEnded':
    case 'TripRecorded':
    case 'TripAmended': {
      const { distance_m, duration_s } = fact.data.measure;
      return { ...said, distance_m, duration_s };
    }
    case 'FineIssued':
      return { ...said, amount: fact.data.amount, points: fact.data.points };
    case 'IncidentRecorded':
    case 'IncidentAmended':
      return { ...said, duration_s: fact.data.duration_s };
    case 'DriverRated':
    case 'PeerFeedbackGiven':
      return { ...said, score: fact.data.score };
    case 'ArrearsStated':
      return { ...said, amount: fact.data.arrears };
    case 'DepositStated':
      return { ...said, amount: fact.data.deposit };
    default:
      return said;
  }
};
