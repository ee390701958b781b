import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { bankAccount } from '#api/bankAccount.ts';
import { callerOf, isUnbound } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, command, created, NoParams } from '#api/commandRoute.ts';
import { OccurredAt, PersonalText } from '#api/fields.ts';
import { Kept, showPersonal } from '#api/personal.ts';
import type { AccessRecords } from '#api/ports.ts';
import { refuse } from '#api/problem.ts';
import { NoQuery, paging, read } from '#api/reading.ts';
import { extended, wireOf } from '#api/wire.ts';
import type { App } from '#api/zod.ts';
import { changeBankAccount, linkPartyUser, registerParty } from '#commands/investors/parties.ts';
import type { Workspace } from '#commands/workspace.ts';
import { PartyKind } from '#domain/investors/partyEvents.ts';
import { ActorId, PartyId } from '#domain/kernel/ids.ts';
import { PartyRow, parties } from '#projections/parties.ts';
import type { Parts } from './parts.ts';

const tag = 'parties';
const URL = '/parties/:party_id';
const reads = [parties.name];
const params = z.strictObject({ party_id: PartyId });

const NewParty = z.strictObject({
  kind: PartyKind,
  identity: z.strictObject({ name: PersonalText }),
  contact: z.strictObject({
    phone: PersonalText.nullable().default(null),
    email: z.email().max(254).nullable().default(null),
    address: PersonalText.nullable().default(null),
  }),
  bank_account: z.strictObject(bankAccount).nullable().default(null),
  occurred_at: OccurredAt,
});
const NewAccount = z.strictObject({ ...bankAccount, occurred_at: OccurredAt });
const Link = z.strictObject({ user_id: ActorId, occurred_at: OccurredAt });

const commands = (app: App, workspace: Workspace): void => {
  app.post(
    '/parties',
    command({
      tag,
      summary: 'Register an investor, an operator or a supplier',
      makes: true,
      params: NoParams,
      body: NewParty,
      personal: ['identity', 'contact', 'bank_account'],
    }),
    async (request, reply) => {
      const { kind, identity, contact, bank_account, occurred_at } = request.body;
      const details = { identity, contact, account: bank_account };
      const at = occurred_at ?? workspace.now();
      const outcome = await registerParty(workspace)(asked(request), { kind, details, at });
      return created('parties')(reply, outcome);
    },
  );
  app.post(
    `${URL}/bank_account`,
    command({
      tag,
      summary: 'Pay the party to another account from now on',
      params,
      body: NewAccount,
      personal: Object.keys(bankAccount),
    }),
    async (request, reply) => {
      const { party_id: party } = request.params;
      const { occurred_at, ...changed } = request.body;
      if (!isUnbound(callerOf(request))) return refuse(reply, { code: 'PartyUnknown', party });
      const change = { party, account: changed, at: occurred_at ?? workspace.now() };
      return answer(reply, await changeBankAccount(workspace)(asked(request), change));
    },
  );
  app.post(
    `${URL}/user`,
    command({ tag, summary: 'Say which user the party is', params, body: Link }),
    async (request, reply) => {
      const { party_id: party } = request.params;
      const { user_id: user, occurred_at } = request.body;
      if (!isUnbound(callerOf(request))) return refuse(reply, { code: 'PartyUnknown', party });
      const link = { party, user, at: occurred_at ?? workspace.now() };
      return answer(reply, await linkPartyUser(workspace)(asked(request), link));
    },
  );
};

const maySeePersonal = new Set(['operator', 'admin']);

const Personal = z.strictObject({ identity: Kept, contact: Kept, bank_account: Kept });

const views = (app: App, { workspace, readings }: Parts, accessRecords: AccessRecords): void => {
  const wire = wireOf(PartyRow);
  const page = z.strictObject({ items: z.array(wire.schema), next: z.string().nullable() });
  const Query = z.strictObject({ kind: PartyKind.optional(), ...paging });
  app.get(
    '/parties',
    read({ tag, summary: 'List parties', params: NoParams, query: Query, reply: page, reads }),
    async (request, reply) => {
      const caller = callerOf(request);
      if (!isUnbound(caller)) return reply.send({ items: [], next: null });
      const { kind, after = null, limit } = request.query;
      const filters = kind === undefined ? [] : [{ column: 'kind', is: kind }];
      const asking = { tenant: caller.tenant, filters, order: null, cursor: after, limit };
      const { rows, next } = await readings.page(parties, asking);
      return reply.send({ items: rows.map(({ row }) => wire.write(row)), next });
    },
  );
  const show = showPersonal(workspace, accessRecords);
  const Reply = extended(wire.schema, {
    personal: Personal.optional().meta({
      description: 'For whoever may see it; a part is null once it is erased.',
    }),
  });
  app.get(
    URL,
    read({ tag, summary: 'See a party', params, query: NoQuery, reply: Reply, reads }),
    async (request, reply) => {
      const { party_id: party } = request.params;
      const caller = callerOf(request);
      const { tenant } = caller;
      const row = isUnbound(caller) ? await readings.row(parties, { tenant, key: party }) : null;
      if (!row) return refuse(reply, { code: 'PartyUnknown', party });
      if (!maySeePersonal.has(caller.role)) return reply.send(wire.write(row));
      const shown = await show(request, party, ['identity', 'contact', 'bank_account']);
      if (isLeft(shown)) return refuse(reply, shown.left);
      const personal = {
        identity: shown.right('identity'),
        contact: shown.right('contact'),
        bank_account: shown.right('bank_account'),
      };
      return reply.send(Object.assign({}, wire.write(row), { personal }));
    },
  );
};

/**
 * Parties: investors, operators and suppliers. They belong to no park, so whoever is bound to some parks
 * finds none, and changes none.
 */
export const partyRoutes = (app: App, parts: Parts, accessRecords: AccessRecords): void => {
  commands(app, parts.workspace);
  views(app, parts, accessRecords);
};
