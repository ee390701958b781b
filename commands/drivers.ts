import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import type { DriverCommand, DriverRefusal } from '#domain/drivers/driver.ts';
import type { DriverDocumentKind } from '#domain/drivers/events.ts';
import { holds } from '#domain/kernel/growingMap.ts';
import { type Digest, DocumentId, DriverId, type ParkId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate, Moment } from '#domain/kernel/instant.ts';
import { driverOf } from './aggregate.ts';
import { deriveUuid } from './identity.ts';
import { keepPersonal } from './keepPersonal.ts';
import { momentOf } from './localDate.ts';
import type { PersonalEntry, Unavailable, VaultMismatch } from './ports.ts';
import { openParkFor, type ParkRefused } from './vehicles.ts';
import { type Outcome, type Request, scope, submitAs, type Workspace } from './workspace.ts';

/** Personal data as the caller gave it; it goes into the vault and nowhere else. */
export interface PersonalDetails {
  readonly identity: Readonly<Record<string, unknown>>;
  readonly contact: Readonly<Record<string, unknown>>;
}

export type DriverFailure = DriverRefusal | ParkRefused | VaultMismatch;

const entriesOf = (driver: DriverId, { identity, contact }: PersonalDetails): PersonalEntry[] => [
  { subject: driver, class: 'identity', data: identity },
  { subject: driver, class: 'contact', data: contact },
];

/** Makes a driver known to a park. */
export const registerDriver =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: { readonly park: ParkId; readonly details: PersonalDetails; readonly at: Instant },
  ): Outcome<DriverId, DriverFailure> => {
    const { origin } = request;
    const { park, details, at } = asked;
    const premises = await openParkFor(workspace)(request, park);
    if (isLeft(premises)) return premises;
    const driver = DriverId.parse(deriveUuid('driver', origin.command));
    const pii = await keepPersonal(workspace)(request, entriesOf(driver, details));
    if (isLeft(pii)) return pii;
    return submitAs(workspace)(driver, {
      origin,
      aggregate: driverOf(origin.tenant, driver),
      command: {
        type: 'RegisterDriver',
        driver,
        park,
        operation: origin.command,
        pii: pii.right,
        when: momentOf(at, premises.right.zone),
      },
      authorize: () => scope(request)(park),
    })();
  };

/** Submits a command about a driver who is there and in the caller's scope. */
export const onDriver =
  (workspace: Workspace) =>
  async <Id extends string = DriverId>(
    request: Request,
    asked: { readonly driver: DriverId; readonly id: Id; readonly at: Instant },
    build: (when: Moment) => DriverCommand,
  ): Outcome<Id, DriverRefusal> => {
    const { origin } = request;
    const { driver, id, at } = asked;
    const aggregate = driverOf(origin.tenant, driver);
    const loaded = await workspace.load(aggregate);
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown' || isLeft(scope(request)(state.park))) {
      return left({ code: 'DriverUnknown', driver });
    }
    return submitAs(workspace)(id, {
      origin,
      aggregate,
      command: build(momentOf(at, state.zone)),
      authorize: (held) => scope(request)(held.phase === 'unknown' ? state.park : held.park),
    })();
  };

/**
 * Whether something may be laid into the vault about a driver: one who is there, in the caller's scope,
 * and not erased. What lies in the vault is read even if no event ever names it, so this is asked before.
 */
const mayKeep =
  ({ load }: Workspace) =>
  async (
    request: Request,
    driver: DriverId,
  ): Promise<Either<DriverRefusal | Unavailable, null>> => {
    const { tenant, command } = request.origin;
    const loaded = await load(driverOf(tenant, driver));
    if (isLeft(loaded)) return loaded;
    const { state, commands } = loaded.right;
    if (state.phase === 'unknown' || isLeft(scope(request)(state.park))) {
      return left({ code: 'DriverUnknown', driver });
    }
    if (holds(commands, command) || !state.erasure) return right(null);
    return left({ code: 'DriverErased', driver });
  };

/** Replaces name and contact of a driver. */
export const changeDriverDetails =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: { readonly driver: DriverId; readonly details: PersonalDetails; readonly at: Instant },
  ): Outcome<DriverId, DriverFailure> => {
    const { driver, details, at } = asked;
    const may = await mayKeep(workspace)(request, driver);
    if (isLeft(may)) return may;
    const pii = await keepPersonal(workspace)(request, entriesOf(driver, details));
    if (isLeft(pii)) return pii;
    return onDriver(workspace)(request, { driver, id: driver, at }, (when) => ({
      type: 'ChangeDriverDetails',
      driver,
      pii: pii.right,
      when,
    }));
  };

/** Lays another bank account of a driver into the vault. */
export const changeDriverBankAccount =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly driver: DriverId;
      readonly account: PersonalEntry['data'];
      readonly at: Instant;
    },
  ): Outcome<DriverId, DriverFailure> => {
    const { driver, account, at } = asked;
    const may = await mayKeep(workspace)(request, driver);
    if (isLeft(may)) return may;
    const entry = { subject: driver, class: 'bank_account', data: account } as const;
    const pii = await keepPersonal(workspace)(request, [entry]);
    if (isLeft(pii)) return pii;
    return onDriver(workspace)(request, { driver, id: driver, at }, (when) => ({
      type: 'ChangeDriverBankAccount',
      driver,
      pii: pii.right,
      when,
    }));
  };

/** Files a document of a driver: its digest in the log, its number in the vault. */
export const recordDriverDocument =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly driver: DriverId;
      readonly kind: z.infer<typeof DriverDocumentKind>;
      readonly digest: Digest;
      readonly validFrom: LocalDate | null;
      readonly expiresOn: LocalDate | null;
      readonly number: string | null;
      readonly at: Instant;
    },
  ): Outcome<DocumentId, DriverFailure> => {
    const { driver, kind, digest, validFrom, expiresOn, number, at } = asked;
    const may = await mayKeep(workspace)(request, driver);
    if (isLeft(may)) return may;
    const document = DocumentId.parse(deriveUuid('document', request.origin.command));
    const entry = { subject: driver, class: 'document', data: { document, number } } as const;
    const pii = await keepPersonal(workspace)(request, [entry]);
    if (isLeft(pii)) return pii;
    return onDriver(workspace)(request, { driver, id: document, at }, (when) => ({
      type: 'RecordDriverDocument',
      driver,
      document,
      kind,
      digest,
      validFrom,
      expiresOn,
      pii: pii.right,
      when,
    }));
  };

/** Moves a driver to another park that is open and in the caller's scope. */
export const moveDriver =
  (workspace: Workspace) =>
  async (
    request: Request,
    { driver, to, at }: { readonly driver: DriverId; readonly to: ParkId; readonly at: Instant },
  ): Outcome<DriverId, DriverFailure> => {
    const target = await openParkFor(workspace)(request, to);
    if (isLeft(target)) return target;
    const { zone } = target.right;
    return onDriver(workspace)(request, { driver, id: driver, at }, () => ({
      type: 'MoveDriver',
      driver,
      to,
      when: momentOf(at, zone),
    }));
  };
