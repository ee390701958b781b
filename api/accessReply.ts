import { z } from 'zod';
import { RulesInForce } from '#domain/access/events.ts';
import { Reason } from '#domain/access/reason.ts';

/** Why access is denied or looked at twice, on the wire. */
export const ReasonReply = z
  .strictObject({
    code: Reason.shape.code,
    severity: Reason.shape.severity,
    event_ids: Reason.shape.events,
    since: Reason.shape.since,
    until: Reason.shape.until,
    last_day: Reason.shape.lastDay,
  })
  .meta({ id: 'AccessReason', description: 'A reason, with the events that it rests on.' });
type ReasonReply = z.infer<typeof ReasonReply>;

/** A reason as it is told. */
export const reasonReply = ({ events, lastDay, ...reason }: Reason): ReasonReply => ({
  ...reason,
  event_ids: events,
  last_day: lastDay,
});

/** Which rules it was decided by, on the wire; version 0 are the built-in ones. */
export const RulesReply = z.strictObject({
  scope: RulesInForce.shape.scope,
  park_id: RulesInForce.shape.park,
  version: RulesInForce.shape.version,
});

/** Which rules, as they are told. */
export const rulesReply = ({ scope, park, version }: RulesInForce) => ({
  scope,
  park_id: park,
  version,
});
