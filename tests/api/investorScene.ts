import { expect } from 'vitest';
import { memoryOpenings } from '#adapters/memoryOpenings.ts';
import { secondFactor } from '#api/demoTokens.ts';
import { rightsInForce } from '#api/rightsInForce.ts';
import { deriveUuid } from '#commands/identity.ts';
import { ActorId } from '#domain/kernel/ids.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';
import { call, fleet, START, type TestApi, testApi } from './apiHarness.ts';

/** A number that banks print in examples. */
export const IBAN = 'DE89370400440532013000';
export const FIRST = '2026-03-01';
export const fresh = secondFactor(Date.now());

export const aParty = (name: string) => ({
  kind: 'investor',
  identity: { name },
  contact: { email: 'someone@example.org' },
  bank_account: { iban: 'de89 3704 0044 0532 0130 00', account_name: name },
  occurred_at: START,
});
export const someTerms = {
  effective_from: FIRST,
  reserve: { rate: '0.05', until: { amount: '40000', currency: 'EUR' } },
  operator_fee: '0.2',
  hurdle: { rate: '0.08', valuation: { amount: '1800000', currency: 'EUR' } },
  investors_share: '0.7',
};

/** The stand-in that the harness gives to whoever logs in under a name. */
export const actorOf = ({ issuer }: TestApi, subject: string): ActorId =>
  ActorId.parse(deriveUuid('actor', issuer.issuer, subject));

/** An asset of two investors; a user who is the first of them has come with a token before. */
export const investorScene = async () => {
  const openings = memoryOpenings();
  const api = await testApi(undefined, { openings });
  const { park, vehicle } = await fleet(api);
  const made = async (url: string, body: unknown): Promise<string> => {
    const reply = await call(api, 'POST', url, body);
    expect([url, reply.status < 300, reply.body]).toEqual([url, true, expect.anything()]);
    return reply.body.id;
  };
  const [ada, ben] = [await made('/parties', aParty('Ada')), await made('/parties', aParty('Ben'))];
  const to = [
    { party_id: ada, shares: 600 },
    { party_id: ben, shares: 400 },
  ];
  await made(`/assets/${vehicle}/shares/issue`, { effective_from: FIRST, to });
  await made(`/assets/${vehicle}/terms`, someTerms);
  const caller = {
    tenant: acme,
    actor: actorOf(api, 'ada'),
    roles: ['investor'],
    permissions: new Set<never>(),
    parks: new Set<never>(),
    driver: null,
    auth: { acr: null, amr: [], auth_time_s: null },
    until_ms: 0,
  } as const;
  await rightsInForce(testLedger(api.store).ledger, 'urn:issuer')(caller, { reads: false });
  const admin = await api.bearer(fresh);
  const link = { user_id: actorOf(api, 'ada') };
  const linked = await call(api, 'POST', `/parties/${ada}/user`, link, admin);
  expect(linked.status).toBe(200);
  return { api, openings, park, vehicle, ada, ben, made };
};
