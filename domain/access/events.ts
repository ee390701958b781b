import { z } from 'zod';
import { DecisionId, DriverId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { assetKey, driverKey, parkKey, rulesKey, subjects } from '#domain/kernel/subjects.ts';
import { Reason, Verdict } from './reason.ts';
import { AccessRules, accessRulesName } from './rules.ts';

const REASONS_MAX = 100;
const DAY_S = 86_400;

/** Which rules: those of a version that a park or the tenant published, or, version 0, the built-in ones. */
export const RulesInForce = z.strictObject({
  scope: z.enum(['built_in', 'tenant', 'park']),
  park: ParkId.nullable(),
  version: z.int().min(0),
});
export type RulesInForce = z.infer<typeof RulesInForce>;

/** The last revision of a stream that was seen, in decimal digits; null where the stream did not exist. */
const Revision = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,18})$/)
  .nullable();

/** How far the streams went that a decision rests on; `vehicle` is null also where none was asked about. */
export const Revisions = z.strictObject({
  driver: Revision,
  standing: Revision,
  vehicle: Revision,
  tenantRules: Revision,
  parkRules: Revision,
});
export type Revisions = z.infer<typeof Revisions>;

/** Seconds of the last 24 hours that were free for rest; null where that is not known. */
export const Rest_s = z.int().min(0).max(DAY_S).nullable();

export const AccessRulesPublished = eventType({
  type: 'AccessRulesPublished',
  about:
    'From the time of this event on it is judged by these rules who may drive what: in a park, or, `park` being null, in every park that has none of its own.',
  data: z.strictObject({
    scope: z.enum(['tenant', 'park']),
    park: ParkId.nullable(),
    version: z.int().min(1),
    rules: AccessRules,
  }),
  subjects: ({ park }) => subjects(rulesKey(accessRulesName(park)), park && parkKey(park)),
});

export const AccessDecided = eventType({
  type: 'AccessDecided',
  about:
    'It was decided whether a driver may have a vehicle at the time of this event, whose day is that of the driver’s park. With the streams up to these revisions the decision can be taken again.',
  data: z.strictObject({
    decision: DecisionId,
    driver: DriverId,
    vehicle: VehicleId,
    park: ParkId,
    effect: z.enum(['rental']),
    verdict: Verdict,
    reasons: z.array(Reason).max(REASONS_MAX),
    rules: RulesInForce,
    revisions: Revisions,
    rest_s: Rest_s,
  }),
  subjects: ({ driver, vehicle, park }) =>
    subjects(driverKey(driver), assetKey(vehicle), parkKey(park)),
});

export const accessEvents = [AccessRulesPublished, AccessDecided] as const;
export type AccessRulesEvent = Fact<typeof AccessRulesPublished>;
export type AccessDecisionEvent = Fact<typeof AccessDecided>;
