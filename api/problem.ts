import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { snakeCase } from '#domain/kernel/snakeCase.ts';
import { accessProblems } from './accessProblems.ts';
import { ReasonReply, reasonReply } from './accessReply.ts';
import { accountProblems } from './accountProblems.ts';
import { assetProblems } from './assetProblems.ts';
import { challengeOf } from './challenge.ts';
import { financeProblems } from './financeProblems.ts';
import { identityProblems } from './identityProblems.ts';
import { immobilizationProblems } from './immobilizationProblems.ts';
import { investorProblems } from './investorProblems.ts';
import { laterProblems } from './laterProblems.ts';
import { notFoundProblems } from './notFoundProblems.ts';
import type { Code, RefusalOf, Row } from './problemRow.ts';
import type { Refusal } from './refusals.ts';

/** The one table: every code there is, with its status and title. A code without a row does not compile. */
const table: { readonly [C in Code]: Row<C> } = {
  ...immobilizationProblems,
  ...investorProblems,
  ...assetProblems,
  ...financeProblems,
  // 400: the request itself is wrong.
  MalformedRequest: { status: 400, title: 'The request is not of the form it should be' },
  BrokenJson: { status: 400, title: 'The body is not JSON' },
  // 401, 403: who asks.
  Unauthenticated: { status: 401, title: 'A valid bearer token is needed' },
  RoleNotAllowed: { status: 403, title: 'This is not for your role' },
  ...identityProblems,
  ...notFoundProblems,
  // 408 to 431: how it was sent.
  RequestTimeout: { status: 408, title: 'The request did not arrive in time' },
  BodyTooLarge: { status: 413, title: 'The body is longer than it may be' },
  UriTooLong: { status: 414, title: 'A part of the address is too long' },
  UnsupportedMediaType: { status: 415, title: 'The body must be application/json' },
  HeadersTooLarge: { status: 431, title: 'The headers are too long' },
  // 409: not in this state.
  ParkAlreadyOpened: { status: 409, title: 'The park was opened as something else' },
  ParkClosed: { status: 409, title: 'The park is closed' },
  VehicleAlreadyRegistered: { status: 409, title: 'The vehicle is registered already' },
  VehicleRetired: {
    status: 409,
    title: 'The vehicle has left the fleet',
    tell: ({ since }) => ({ since }),
  },
  VehicleNotIdle: {
    status: 409,
    title: 'The vehicle is in use or in repair',
    tell: (refusal) => ({ status: refusal.status }),
  },
  VehicleNotCommissioned: { status: 409, title: 'The vehicle is still being onboarded' },
  VehicleOutOfService: { status: 409, title: 'The vehicle is out of service' },
  VehicleInRepair: { status: 409, title: 'The vehicle is in repair' },
  VehicleHasCriticalDefect: { status: 409, title: 'The vehicle has a critical defect' },
  VehicleRented: {
    status: 409,
    title: 'The vehicle is rented at that time',
    tell: ({ rental }) => ({ rental_id: rental }),
  },
  OdometerBackwards: {
    status: 409,
    title: 'The odometer has been read higher before',
    tell: ({ odometer_m }) => ({ odometer_m }),
  },
  ClaimHeld: {
    status: 409,
    title: 'There is only one of it, and it is taken',
    tell: ({ holder }) => ({ kind: holder.kind }),
  },
  DeviceAlreadyFitted: {
    status: 409,
    title: 'The device is in the vehicle at that time',
    tell: ({ fitting }) => ({ fitting_id: fitting }),
  },
  DevicesExceeded: {
    status: 409,
    title: 'The vehicle carries as many devices as it may',
    tell: ({ devices_max }) => ({ devices_max }),
  },
  FittingAlreadyEnded: { status: 409, title: 'The device has been removed' },
  FittingIsVoid: { status: 409, title: 'The fitting is void' },
  RentalAlreadyEnded: { status: 409, title: 'The rental has ended' },
  RentalIsVoid: { status: 409, title: 'The rental is void' },
  RepairPhaseConflict: {
    status: 409,
    title: 'The repair is not in a phase for that',
    tell: ({ phase }) => ({ phase }),
  },
  RepairCostLinesExceeded: {
    status: 409,
    title: 'The repair has as many cost lines as it may have',
    tell: ({ cost_lines_max }) => ({ cost_lines_max }),
  },
  DriverAlreadyRegistered: { status: 409, title: 'The driver is registered already' },
  DriverErased: { status: 409, title: 'The driver’s personal data has been erased' },
  DriverInactive: { status: 409, title: 'The driver may take no vehicle' },
  DriverNotInCustody: { status: 409, title: 'The driver did not have the vehicle then' },
  ...accessProblems,
  ...accountProblems,
  DocumentAlreadyRecorded: { status: 409, title: 'The document is on file already' },
  StatementOutdated: {
    status: 409,
    title: 'There is a newer statement',
    tell: ({ since }) => ({ since }),
  },
  FineAlreadyIssued: { status: 409, title: 'The fine was issued with other content' },
  FinePhaseConflict: {
    status: 409,
    title: 'The fine is not in a phase for that',
    tell: ({ phase }) => ({ phase }),
  },
  IncidentAlreadyRecorded: { status: 409, title: 'The incident was recorded with other content' },
  IncidentPhaseConflict: {
    status: 409,
    title: 'The incident is not in a phase for that',
    tell: ({ phase }) => ({ phase }),
  },
  TripAlreadyOpen: {
    status: 409,
    title: 'The vehicle is on a trip already',
    tell: ({ trip }) => ({ trip_id: trip }),
  },
  TripAlreadyEnded: { status: 409, title: 'The trip has ended' },
  TripIsVoid: { status: 409, title: 'The trip is void' },
  TripStillOpen: { status: 409, title: 'The trip has not ended yet' },
  TripOverlaps: {
    status: 409,
    title: 'The vehicle was on another trip at that time',
    tell: ({ trip }) => ({ trip_id: trip }),
  },
  DeviceRegistered: { status: 409, title: 'The device is registered already' },
  DeviceTaken: { status: 409, title: 'The device is registered by somebody else' },
  OperationAbandoned: { status: 409, title: 'The operation was given up' },
  // 422: against a rule, whatever the state.
  IdempotencyKeyReused: {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
  },
  VaultMismatch: {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    as: 'idempotency_key_reused',
  },
  FactInTheFuture: {
    status: 422,
    title: 'That lies in the future',
    tell: ({ ahead_max_s }) => ({ ahead_max_s }),
  },
  FactBeforeRegistration: {
    status: 422,
    title: 'The vehicle was not registered yet',
    tell: ({ registeredAt }) => ({ registered_at: registeredAt }),
  },
  FactBeforeDriver: {
    status: 422,
    title: 'The driver was not registered yet',
    tell: ({ registeredAt }) => ({ registered_at: registeredAt }),
  },
  FactBeforeOffence: {
    status: 422,
    title: 'That is before the offence',
    tell: ({ offenceAt }) => ({ offence_at: offenceAt }),
  },
  FactBeforeIncident: {
    status: 422,
    title: 'That is before the incident',
    tell: ({ startedAt }) => ({ started_at: startedAt }),
  },
  EndBeforeStart: { status: 422, title: 'The end is before the start' },
  IncidentTooLong: {
    status: 422,
    title: 'No incident is recorded that lasts so long',
    tell: ({ incident_max_s }) => ({ incident_max_s }),
  },
  TripTooLong: {
    status: 422,
    title: 'No trip is that long',
    tell: ({ trip_max_s }) => ({ trip_max_s }),
  },
  ForeignCurrency: {
    status: 422,
    title: 'The park reckons in another currency',
    tell: ({ expected }) => ({ expected }),
  },
  VinCheckDigitWrong: { status: 422, title: 'The check digit of the VIN is wrong' },
  DocumentDatesReversed: { status: 422, title: 'The document expires before it is valid' },
  FeedbackOnOneself: { status: 422, title: 'Nobody gives feedback on themselves' },
  MeasureMissing: {
    status: 422,
    title: 'An incident of this kind needs the measured speed and the limit',
    tell: ({ kind }) => ({ kind }),
  },
  EventMalformed: { status: 422, title: 'What is said cannot be recorded' },
  EventTooLarge: { status: 422, title: 'What is said is too long to be recorded' },
  ...laterProblems,
};

/**
 * What went wrong, for people and programs alike: `code` is stable, `instance` names the request in our
 * logs, `about` holds what else the caller may know, `errors` what is wrong where, `reasons` all that denied
 * or warned where access is denied. Source: RFC 9457.
 */
export const Problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().regex(/^[a-z][a-z0-9_]*$/),
    instance: z.string(),
    about: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    errors: z.array(z.strictObject({ at: z.string(), what: z.string() })).optional(),
    reasons: z.array(ReasonReply).optional(),
  })
  .meta({ id: 'Problem', description: 'A problem document of RFC 9457. `code` is stable.' });
export type Problem = z.infer<typeof Problem>;

/** The reply of a route to whatever goes wrong, for the framework. */
export const problems = {
  description: 'A problem document with a stable code',
  content: { 'application/problem+json': { schema: Problem } },
} as const;

const documentOf = <C extends Code>(code: C, refusal: RefusalOf<C>, request: string): Problem => {
  const { status, title, as: renamed, tell } = table[code];
  const onWire = renamed ?? snakeCase(code);
  const about = tell?.(refusal);
  return {
    type: `urn:equinomix:problem:${onWire}`,
    title,
    status,
    code: onWire,
    instance: `urn:uuid:${request}`,
    ...(about && { about }),
  };
};

/** The problem document of a refusal, `request` being the id of the request. */
export const problem = (refusal: Refusal, request: string): Problem => {
  const document = documentOf(refusal.code, refusal, request);
  switch (refusal.code) {
    case 'MalformedRequest':
      return { ...document, errors: [...refusal.flaws] };
    case 'AccessDenied':
      return { ...document, reasons: refusal.reasons.map(reasonReply) };
    default:
      return document;
  }
};

/** All codes on the wire with status and title, for the documentation. */
export const problemCatalogue = (): readonly Pick<Problem, 'code' | 'status' | 'title'>[] =>
  Object.entries(table).map(([code, { status, title, as: renamed }]) => ({
    code: renamed ?? snakeCase(code),
    status,
    title,
  }));

/** Says no, with everything that belongs to it: status, type, when to ask again, how to say who one is. */
export const refuse = (reply: FastifyReply, refusal: Refusal): FastifyReply => {
  const row = table[refusal.code];
  const retry_after_s =
    refusal.code === 'TooManyRequests' ? refusal.retry_after_s : row.retry_after_s;
  if (retry_after_s !== undefined) reply.header('retry-after', String(retry_after_s));
  if (row.status === 401) reply.header('www-authenticate', challengeOf(refusal));
  return reply
    .code(row.status)
    .type('application/problem+json')
    .send(problem(refusal, reply.request.id));
};
