import { z } from 'zod';

/**
 * Ways to the device in a vehicle. `vialon_relay` is how the specification spells Wialon's remote commands.
 */
export const RelayMethod = z.enum(['vialon_relay', 'mqtt_relay']);
export type RelayMethod = z.infer<typeof RelayMethod>;

/** Why an engine is to be blocked. */
export const BlockReason = z.enum([
  'safety_lockdown',
  'theft',
  'arrears',
  'contract_ended',
  'maintenance',
  'parking',
]);
export type BlockReason = z.infer<typeof BlockReason>;

/**
 * The three ladders to a block. `theft_safety`: one person, and another reviews it afterwards;
 * `contract_finance`: two people, after the notices that the law of the place asks for;
 * `maintenance_parking`: one person.
 */
export const ReasonClass = z.enum(['theft_safety', 'contract_finance', 'maintenance_parking']);
export type ReasonClass = z.infer<typeof ReasonClass>;

const CLASSES: Readonly<Record<BlockReason, ReasonClass>> = {
  safety_lockdown: 'theft_safety',
  theft: 'theft_safety',
  arrears: 'contract_finance',
  contract_ended: 'contract_finance',
  maintenance: 'maintenance_parking',
  parking: 'maintenance_parking',
};

/** Which ladder a reason must climb. */
export const classOf = (reason: BlockReason): ReasonClass => CLASSES[reason];

/** Why an engine is released. Nobody is asked to prove it: a release always works. */
export const ReleaseReason = z.enum([
  'resolved',
  'paid',
  'mistake',
  'emergency',
  'emergency_start',
  'work_done',
  'other',
]);
export type ReleaseReason = z.infer<typeof ReleaseReason>;

/** Why somebody calls a block off that has not been sent. */
export const CancelReason = z.enum(['resolved', 'paid', 'mistake', 'other']);

/** How a driver was told: a block for money needs notices by more than one of these. */
export const NoticeMode = z.enum(['letter', 'email', 'sms', 'call', 'app']);

/**
 * How a block or release ended. `failed` and what follows it: it is known that nothing was blocked by it.
 */
export const EndStatus = z.enum([
  'completed',
  'unconfirmed',
  'failed',
  'refused',
  'expired',
  'cancelled',
]);
export type EndStatus = z.infer<typeof EndStatus>;

/** What sending an order came to; `not_sent`: it was held back at the last moment. */
export const SendOutcome = z.enum(['accepted', 'not_delivered', 'ambiguous', 'not_sent']);
export type SendOutcome = z.infer<typeof SendOutcome>;
