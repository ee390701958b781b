import { z } from 'zod';
import { EventId } from '#domain/kernel/ids.ts';
import { Instant, LocalDate } from '#domain/kernel/instant.ts';
import type { Held } from './held.ts';
import { ReasonCode } from './rules.ts';

/** No more than these, the newest, are named for one reason: a decision must fit into one event. */
const EVENTS_MAX = 20;

/** What a decision came to. */
export const Verdict = z.enum(['allowed', 'allowed_with_warnings', 'denied']);
export type Verdict = z.infer<typeof Verdict>;

/**
 * Why access is denied or looked at twice, with the events that it rests on; none where something is missing
 * that never was there. `since` and `until` are null where there is no such moment or it is not known;
 * `lastDay` is the last day on which a document was valid.
 */
export const Reason = z.strictObject({
  code: ReasonCode,
  severity: z.enum(['denies', 'warns']),
  events: z.array(EventId).max(EVENTS_MAX),
  since: Instant.nullable(),
  until: Instant.nullable(),
  lastDay: LocalDate.nullable(),
});
export type Reason = z.infer<typeof Reason>;

/** A reason before rules say what it does. */
export type Finding = Omit<Reason, 'severity'>;

/** A finding that rests on some events, in the order given; it began with the last, unless told otherwise. */
export const finding = (
  code: ReasonCode,
  events: readonly Held[],
  more: Partial<Pick<Finding, 'since' | 'until' | 'lastDay'>> = {},
): Finding => ({
  code,
  events: events.slice(-EVENTS_MAX).map(({ id }) => id),
  since: events.at(-1)?.fact.when.at ?? null,
  until: null,
  lastDay: null,
  ...more,
});
