import { z } from 'zod';
import { bankAccount } from '#api/bankAccount.ts';
import { callerOf } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, Bare, command, created, NoParams } from '#api/commandRoute.ts';
import { OccurredAt, PersonalText } from '#api/fields.ts';
import { refuse } from '#api/problem.ts';
import { step } from '#api/step.ts';
import type { App } from '#api/zod.ts';
import {
  changeDriverBankAccount,
  changeDriverDetails,
  moveDriver,
  onDriver,
  recordDriverDocument,
  registerDriver,
} from '#commands/drivers.ts';
import type { Workspace } from '#commands/workspace.ts';
import {
  DeactivationReason,
  DriverDocumentKind,
  FeedbackTopic,
  Score,
} from '#domain/drivers/events.ts';
import { Code } from '#domain/kernel/fields.ts';
import { Digest, DocumentId, DriverId, ParkId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';

/** Who a driver is. It goes into the vault and nowhere else. */
const Identity = z.strictObject({
  given_name: PersonalText,
  family_name: PersonalText,
  birth_date: LocalDate.nullable().default(null),
});
/** How a driver is reached. It goes into the vault and nowhere else. */
const Contact = z.strictObject({
  phone: PersonalText.nullable().default(null),
  email: z.email().max(254).nullable().default(null),
  address: PersonalText.nullable().default(null),
});
const NewDriver = z.strictObject({
  park_id: ParkId,
  identity: Identity,
  contact: Contact,
  occurred_at: OccurredAt,
});
const NewDetails = z.strictObject({
  identity: Identity,
  contact: Contact,
  occurred_at: OccurredAt,
});
const NewAccount = z.strictObject({ ...bankAccount, occurred_at: OccurredAt });
const NewDocument = z.strictObject({
  kind: DriverDocumentKind,
  digest: Digest.meta({ description: 'SHA-256 of the document, which itself stays outside.' }),
  number: PersonalText.nullable().default(null),
  valid_from: LocalDate.nullable().default(null),
  expires_on: LocalDate.nullable().default(null),
  occurred_at: OccurredAt,
});
const Rating = z.strictObject({
  source: z.enum(['operator', 'customer']),
  score: Score,
  occurred_at: OccurredAt,
});
const Feedback = z.strictObject({
  by_driver_id: DriverId,
  score: Score,
  topics: z.array(FeedbackTopic).max(FeedbackTopic.options.length).default([]),
  occurred_at: OccurredAt,
});

const tag = 'drivers';
const URL = '/drivers/:driver_id';
const params = z.strictObject({ driver_id: DriverId });

const details = (app: App, workspace: Workspace): void => {
  const personal = ['identity', 'contact'];
  app.post(
    '/drivers',
    command({
      tag,
      summary: 'Register a driver',
      makes: true,
      params: NoParams,
      body: NewDriver,
      personal,
    }),
    async (request, reply) => {
      const { park_id: park, identity, contact, occurred_at } = request.body;
      const at = occurred_at ?? workspace.now();
      const known = { park, details: { identity, contact }, at };
      return created('drivers')(reply, await registerDriver(workspace)(asked(request), known));
    },
  );
  app.put(
    `${URL}/details`,
    command({ tag, summary: 'Replace name and contact', params, body: NewDetails, personal }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const { identity, contact, occurred_at } = request.body;
      const at = occurred_at ?? workspace.now();
      const changed = { driver, details: { identity, contact }, at };
      return answer(reply, await changeDriverDetails(workspace)(asked(request), changed));
    },
  );
  app.post(
    `${URL}/bank_account`,
    command({
      tag,
      summary: 'Pay the driver to another account from now on',
      params,
      body: NewAccount,
      personal: Object.keys(bankAccount),
    }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const { occurred_at, ...account } = request.body;
      const changed = { driver, account, at: occurred_at ?? workspace.now() };
      return answer(reply, await changeDriverBankAccount(workspace)(asked(request), changed));
    },
  );
};

const documents = (app: App, workspace: Workspace): void => {
  const personal = ['number'];
  app.post(
    `${URL}/documents`,
    command({ tag, summary: 'File a document of a driver', params, body: NewDocument, personal }),
    step(workspace, (asking, { driver_id: driver, occurred_at: _, ...said }) => {
      const { valid_from: validFrom, expires_on: expiresOn, ...rest } = said;
      return recordDriverDocument(workspace)(asking, { driver, ...rest, validFrom, expiresOn });
    }),
  );
  const withdrawn = z.strictObject({ driver_id: DriverId, document_id: DocumentId });
  const body = z.strictObject({ reason: Code, occurred_at: OccurredAt });
  app.post(
    `${URL}/documents/:document_id/withdraw`,
    command({ tag, summary: 'A document counts no more', params: withdrawn, body }),
    step(workspace, (asking, { driver_id: driver, document_id: document, reason, at }) =>
      onDriver(workspace)(asking, { driver, id: document, at }, (when) => {
        return { type: 'WithdrawDriverDocument', driver, document, reason, when };
      }),
    ),
  );
};

const opinions = (app: App, workspace: Workspace): void => {
  const submit = onDriver(workspace);
  app.post(
    `${URL}/ratings`,
    command({ tag, summary: 'Rate a driver, 1 (worst) to 5', params, body: Rating }),
    step(workspace, (asking, { driver_id: driver, source, score, at }) =>
      submit(asking, { driver, id: driver, at }, (when) => {
        return { type: 'RateDriver', driver, source, score, when };
      }),
    ),
  );
  app.post(
    `${URL}/feedback`,
    command({ tag, summary: 'Give feedback on a fellow driver', params, body: Feedback }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const { by_driver_id: by, score, topics, occurred_at } = request.body;
      const caller = callerOf(request);
      if (caller.role === 'driver' && caller.driver !== by) {
        return refuse(reply, { code: 'RoleNotAllowed' });
      }
      const about = { driver, id: driver, at: occurred_at ?? workspace.now() };
      const outcome = await submit(asked(request), about, (when) => {
        return { type: 'GivePeerFeedback', driver, by, score, topics, when };
      });
      return answer(reply, outcome);
    },
  );
};

const activity = (app: App, workspace: Workspace): void => {
  const submit = onDriver(workspace);
  const body = z.strictObject({ reason: DeactivationReason, occurred_at: OccurredAt });
  app.post(
    `${URL}/deactivate`,
    command({ tag, summary: 'Keep a driver from taking vehicles', params, body }),
    step(workspace, (asking, { driver_id: driver, reason, at }) =>
      submit(asking, { driver, id: driver, at }, (when) => {
        return { type: 'DeactivateDriver', driver, reason, when };
      }),
    ),
  );
  app.post(
    `${URL}/reactivate`,
    command({ tag, summary: 'Let a driver take vehicles again', params, body: Bare }),
    step(workspace, (asking, { driver_id: driver, at }) =>
      submit(asking, { driver, id: driver, at }, (when) => {
        return { type: 'ReactivateDriver', driver, when };
      }),
    ),
  );
  const Move = z.strictObject({ park_id: ParkId, occurred_at: OccurredAt });
  app.post(
    `${URL}/move`,
    command({ tag, summary: 'Move a driver to another park', params, body: Move }),
    step(workspace, (asking, { driver_id: driver, park_id: to, at }) =>
      moveDriver(workspace)(asking, { driver, to, at }),
    ),
  );
};

/** Everything one may ask of a driver's file. */
export const driverCommands = (app: App, workspace: Workspace): void => {
  details(app, workspace);
  documents(app, workspace);
  opinions(app, workspace);
  activity(app, workspace);
};
