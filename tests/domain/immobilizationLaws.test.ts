import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { Installation } from '#domain/immobilization/installation.ts';
import { defaultRules, ImmobilizationRules } from '#domain/immobilization/rules.ts';
import type { Sighting } from '#domain/immobilization/stillness.ts';
import {
  BlockReason,
  CancelReason,
  ReleaseReason,
  SendOutcome,
} from '#domain/immobilization/words.ts';
import { replay } from '#domain/kernel/decider.ts';
import { ActorId, InstallationId, JobId } from '#domain/kernel/ids.ts';
import { epochMs, instantOf, type Moment } from '#domain/kernel/instant.ts';
import { type VehicleCommand, vehicleDecider } from '#domain/registry/vehicle.ts';
import type { VehicleEvent } from '#domain/registry/vehicleState.ts';
import { anyOf, holdToLaws } from '#tests/support/arbitrary.ts';
import { parkedAt, registerVan, starter } from '#tests/support/immobilizer.ts';
import { ann, digest, moment, operation, rentalOfAnn, uuid8, van } from '#tests/support/samples.ts';

const start = moment('2026-03-01T06:00:00.000Z');
const later = (s: number): Moment => moment(instantOf(epochMs(start.at) + s * 1_000));
const about = { vehicle: van };
const register = registerVan(start);

const parked = (at: Moment, ago_s: number): Sighting =>
  parkedAt(instantOf(epochMs(at.at) - ago_s * 1_000));
const standing = (at: Moment): Sighting[] => [70, 50, 30, 10].map((ago_s) => parked(at, ago_s));

const users = [1, 2].map((n) => ActorId.parse(uuid8(n)));
const withLadder = ImmobilizationRules.parse({
  ladder: {
    jurisdiction: 'X',
    notices: [{ step: 'warning', modes_min: 1, before_s: 0 }],
    emergency_start_s: 86_400,
  },
});

const anyJob = (from: number): fc.Arbitrary<JobId> =>
  fc.constantFrom(0, 1).map((n) => JobId.parse(`${van}~${uuid8(from + n)}`));

/** A command about blocking the one van; times go up by seconds, so that commands meet and turns come. */
const anyCommand: fc.Arbitrary<VehicleCommand> = fc
  .record({
    s: fc.integer({ min: 0, max: 40 }),
    job: anyJob(0x90),
    freed: anyJob(0xa0),
    user: fc.constantFrom(...users),
    reason: anyOf(BlockReason),
    release: anyOf(ReleaseReason),
    cancel: anyOf(CancelReason),
    outcome: anyOf(SendOutcome),
    attempt: fc.constantFrom(1, 1, 1, 2, 3),
    flag: fc.boolean(),
    moves: fc.constantFrom(false, false, false, true),
    interrupts: fc.constantFrom<Installation['interrupts']>(
      'starter',
      'starter',
      'starter',
      'starter',
      'fuel_pump',
    ),
    which: fc.nat({ max: 999 }),
  })
  .map(({ s, job, freed, user, flag, attempt, outcome, which, ...rest }): VehicleCommand => {
    const when = later(s);
    const of = { ...about, job, when };
    const by = { ...about, user, when };
    const installation = {
      installation: InstallationId.parse(`${van}~${uuid8(flag ? 0x80 : 0x81)}`),
      ...{ ...starter, interrupts: rest.interrupts },
    };
    const sightings = rest.moves ? [{ ...parked(when, 1), speed_kmh: 30 }] : standing(when);
    const rules = { park: null, version: 1, rules: flag ? withLadder : defaultRules };
    const dispatch: VehicleCommand = {
      ...{ type: 'StartDispatch', ...of, attempt, sightings, newBlocksAllowed: true },
    };
    const block: VehicleCommand = {
      ...{ type: 'RequestBlock', ...by, job, method: 'vialon_relay', reason: rest.reason },
      ...{ legalBasis: null, waits: flag, rules, newBlocksAllowed: true, basisOf: () => digest(7) },
    };
    const answer: VehicleCommand = {
      ...{ type: 'AnswerBlock', ...of, attempt, outcome, code: null, again: flag },
    };
    const install: VehicleCommand = {
      ...{ type: 'InstallImmobilizer', ...by, installation, operation },
    };
    const release: VehicleCommand = {
      ...{ type: 'RequestRelease', ...by, job: freed, method: null, reason: rest.release },
    };
    const shown = flag ? job : freed;
    const all: readonly VehicleCommand[] = [
      ...[register, register, register, install, install, install],
      ...[block, block, block, block, dispatch, dispatch, dispatch, dispatch, dispatch, dispatch],
      ...[answer, answer, answer, release, release],
      { type: 'CommissionVehicle', ...about, when },
      { type: 'RemoveImmobilizer', ...by, installation: installation.installation },
      { type: 'ApproveBlock', ...by, job, basis: digest(7) },
      { type: 'ApproveBlock', ...by, job, basis: digest(7) },
      { type: 'CancelBlock', ...by, job, reason: rest.cancel },
      { type: 'ReviewBlock', ...by, job, finding: 'justified' },
      { type: 'GrantEmergencyStart', ...by, job: freed, for_s: 10 },
      { type: 'GiveBlockNotice', ...by, step: 'warning', mode: 'sms', reference: 'N' },
      { type: 'HoldBlock', ...of, doubts: [flag ? 'stale' : 'moving'], sightings: [] },
      { type: 'AskPosition', ...of, ask: attempt },
      { type: 'NoteExecuted', ...of, job: shown, by: 'relay' },
      { type: 'NoteConfirmed', ...of, job: shown, by: 'relay_output' },
      { type: 'NoteConfirmed', ...of, job: shown, by: 'relay_output' },
      { type: 'EndBlock', ...of, status: flag ? 'failed' : 'expired', code: 'x' },
      { type: 'StartReleaseSeries', ...of, job: freed, series: attempt, sends: 16, every_s: 4 },
      { type: 'StartReleaseSeries', ...of, job: freed, series: attempt, sends: 16, every_s: 4 },
      {
        type: 'StartRental',
        ...{ ...about, rental: rentalOfAnn, driver: ann, plan: null, rate: null },
        ...{ odometer_m: null, operation, when },
      },
    ];
    return all[which % all.length] ?? dispatch;
  });

/** The van with a starter interrupt, before anything else. */
const installed: VehicleCommand = {
  ...{ type: 'InstallImmobilizer', ...about, when: start, operation },
  user: ActorId.parse(uuid8(1)),
  installation: { installation: InstallationId.parse(`${van}~${uuid8(0x80)}`), ...starter },
};

/** What each repeated command is told: it was carried out already, or it is no longer its turn. */
const REPEATS = [
  'RegisterVehicle',
  'ApproveBlock',
  'ReviewBlock',
  'GiveBlockNotice',
  'StartDispatch',
  'AskPosition',
  'EndBlock',
  'StartReleaseSeries',
  'InstallImmobilizer',
] as const;

describe('the laws of blocking', () => {
  it('is total, idempotent and survives being stored, whatever one asks of it', () => {
    const seen = holdToLaws(vehicleDecider, anyCommand, REPEATS);
    expect(seen.events).toEqual(
      expect.arrayContaining([
        'BlockRequested',
        'BlockDispatchStarted',
        'BlockEnded',
        'ReleaseRequested',
      ]),
    );
    expect(seen.refusals).toEqual(expect.arrayContaining(['ImmobilizerUnsafe']));
  });

  it('has one intent at a time, sends nothing after a release, and never calls a sent block undone', () => {
    let dispatches = 0;
    fc.assert(
      fc.property(fc.array(anyCommand, { minLength: 30, maxLength: 120 }), (commands) => {
        const history: VehicleEvent[] = [];
        for (const command of [register, installed, ...commands]) {
          const state = replay(vehicleDecider, history);
          const decision = vehicleDecider.decide(command, state);
          if (isLeft(decision)) continue;
          for (const event of decision.right) {
            if (event.type === 'BlockDispatchStarted') {
              dispatches += 1;
              expect(state.vehicle?.immobilization.current).toBe(event.data.job);
              expect(event.data.sightings.every(({ speed_kmh }) => speed_kmh === 0)).toBe(true);
            }
            if (event.type === 'BlockEnded' && event.data.status !== 'completed') {
              const job = state.vehicle?.immobilization.jobs.get(event.data.job);
              const mayHaveBlocked =
                job?.kind === 'block' &&
                job.attempts.some(
                  ({ answer }) => answer === null || /accepted|ambiguous/.test(answer.outcome),
                );
              if (mayHaveBlocked) expect(event.data.status).toBe('unconfirmed');
            }
          }
          history.push(...decision.right);
          const jobs = replay(vehicleDecider, history).vehicle?.immobilization.jobs ?? new Map();
          const open = [...jobs.values()].filter(({ ended }) => ended === null);
          expect(open.length).toBeLessThanOrEqual(1);
        }
      }),
      { seed: 20_260_302, numRuns: 150 },
    );
    expect(dispatches).toBeGreaterThan(40);
  });
});
