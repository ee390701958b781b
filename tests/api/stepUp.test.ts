import fastify from 'fastify';
import { isRight, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { authenticate } from '#api/authenticate.ts';
import { judge } from '#api/authorize.ts';
import type { Caller } from '#api/caller.ts';
import { type DemoBearer, demoIssuer, secondFactor } from '#api/demoTokens.ts';
import type { Row } from '#api/policyRow.ts';
import { refuse } from '#api/problem.ts';
import { STEP_UP_MAX_AGE_S } from '#api/stepUp.ts';
import { actor } from '#tests/support/ledger.ts';

const NOW_MS = Date.parse('2026-03-01T06:00:00Z');
const NOW_S = NOW_MS / 1_000;
const open: Row = { what: 'x', who: { operator: 'yes', admin: 'yes', driver: 'own' } };
const narrow: Row = { ...open, needs: 'immobilize' };
const guarded: Row = { ...narrow, stepUp: true };

/** The caller that a demo token makes, read the way the server reads it. */
const callerWith = async (bearer: Partial<DemoBearer>): Promise<Caller> => {
  const issuer = await demoIssuer(null);
  const read = authenticate(issuer, { of: () => async () => right(actor.id) });
  const who = { role: 'operator', tenant: 'acme', parks: '*', ...bearer } as const;
  const caller = await read(`Bearer ${await issuer.issue(who)}`);
  if (isRight(caller)) return caller.right;
  throw new Error(caller.left.code);
};

const outcome = async (row: Row, bearer: Partial<DemoBearer>, now_ms = NOW_MS): Promise<string> => {
  const judged = judge(row, await callerWith(bearer), { driver: null, now_ms });
  return isRight(judged) ? judged.right : judged.left.code;
};

const permissions = ['immobilize'] as const;

describe('a permission', () => {
  it('is asked of everybody but an admin', async () => {
    expect(await outcome(open, {})).toBe('operator');
    expect(await outcome(narrow, {})).toBe('PermissionMissing');
    expect(await outcome(narrow, { permissions })).toBe('operator');
    expect(await outcome(narrow, { role: 'admin' })).toBe('admin');
  });

  it('makes up for no role', async () => {
    expect(await outcome(narrow, { role: 'analyst', permissions })).toBe('RoleNotAllowed');
    expect(await outcome(narrow, { role: 'driver', permissions })).toBe('NotFound');
  });
});

describe('a second factor', () => {
  const shown = secondFactor(NOW_MS);

  it('is asked for last, and lets through whoever showed it', async () => {
    expect(await outcome(guarded, { permissions })).toBe('StepUpRequired');
    expect(await outcome(guarded, shown)).toBe('PermissionMissing');
    expect(await outcome(guarded, { permissions, ...shown })).toBe('operator');
    expect(await outcome(guarded, { role: 'admin' })).toBe('StepUpRequired');
  });

  it('grows old by the clock of each request', async () => {
    const caller = await callerWith({ permissions, ...shown });
    const aged = (age_s: number) =>
      isRight(judge(guarded, caller, { driver: null, now_ms: NOW_MS + age_s * 1_000 }));
    expect(aged(STEP_UP_MAX_AGE_S)).toBe(true);
    expect(aged(STEP_UP_MAX_AGE_S + 1)).toBe(false);
    expect(aged(-10)).toBe(true);
    expect(aged(-11)).toBe(false);
  });

  it('is one by its class or by any of its methods, and by nothing else', async () => {
    const held = { permissions, auth_time_s: NOW_S };
    expect(await outcome(guarded, { ...held, acr: 'urn:equinomix:mfa' })).toBe('operator');
    expect(await outcome(guarded, { ...held, amr: ['pwd', 'hwk'] })).toBe('operator');
    expect(await outcome(guarded, { ...held, amr: ['pwd', 'pin'] })).toBe('StepUpRequired');
    expect(await outcome(guarded, { ...held, acr: 'silver' })).toBe('StepUpRequired');
    expect(await outcome(guarded, { permissions, amr: ['otp'] })).toBe('StepUpRequired');
  });

  it('is asked for in the words of RFC 9470', async () => {
    const app = fastify();
    app.get('/', (_request, reply) =>
      refuse(reply, { code: 'StepUpRequired', acr: 'urn:equinomix:mfa', age_max_s: 300 }),
    );
    const reply = await app.inject('/');
    expect(reply.statusCode).toBe(401);
    expect(reply.headers['www-authenticate']).toBe(
      'Bearer error="insufficient_user_authentication", error_description="A recent second factor is needed", acr_values="urn:equinomix:mfa", max_age="300"',
    );
    expect(reply.json()).toMatchObject({
      code: 'step_up_required',
      about: { acr_values: 'urn:equinomix:mfa', max_age_s: 300 },
    });
  });
});
