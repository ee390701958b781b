import fc from 'fast-check';
import { isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { ClaimReleased, ClaimTaken } from '#domain/claims/events.ts';
import { type TimedClaimCommand, timedClaimDecider } from '#domain/claims/timedClaim.ts';
import { replay } from '#domain/kernel/decider.ts';
import { CommandId, Tenant } from '#domain/kernel/ids.ts';
import { overlaps } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { vehicleStream } from '#domain/kernel/streams.ts';
import { assetKey } from '#domain/kernel/subjects.ts';
import { anyMoment, holdToLaws } from '#tests/support/arbitrary.ts';
import {
  acme,
  car,
  evening,
  moment,
  morning,
  noon,
  operation,
  uuid8,
  van,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(timedClaimDecider);

const night = moment('2026-03-02T22:00:00.000Z');
const kind = 'device_ident';
const byVan = { kind, owner: vehicleStream(acme, van), operation, subject: assetKey(van) } as const;
const other = CommandId.parse(uuid8(0x99));
const otherTenant = Tenant.parse('other');
const byCar = {
  kind,
  owner: vehicleStream(otherTenant, car),
  operation: other,
  subject: assetKey(car),
} as const;
const take = { type: 'TakeStretch', ...byVan, until: null, when: noon } as const;
const taken = fact(ClaimTaken, noon, { ...byVan, until: null });
const released = fact(ClaimReleased, evening, byVan);
const release = { type: 'ReleaseStretch', operation, when: evening } as const;

describe('a claim on stretches of time', () => {
  it('is had by one at a time', () => {
    given().when(take).yields(taken);
    given(taken).when(take).yields();
    const rival = { ...take, ...byCar };
    given(taken).when(rival).refuses('ClaimHeld');
    given(taken)
      .when({ ...rival, when: morning })
      .refuses('ClaimHeld');
  });

  it('leaves the time before to others, and what was held stays held', () => {
    const before = { ...take, ...byCar, when: morning, until: noon.at };
    given(taken)
      .when(before)
      .yields(fact(ClaimTaken, morning, { ...byCar, until: noon.at }));
    given(taken, released)
      .when({ ...before, until: evening.at })
      .refuses('ClaimHeld');
    given(taken, released)
      .when({ ...take, ...byCar, when: evening })
      .yields(fact(ClaimTaken, evening, { ...byCar, until: null }));
  });

  it('is given back from a moment on, or as a whole, and only by who has it', () => {
    given(taken).when(release).yields(released);
    given(taken, released).when(release).yields();
    given(taken)
      .when({ ...release, operation: other })
      .yields();
    given(taken, released)
      .when({ ...release, when: night })
      .yields();
    const struck = fact(ClaimReleased, noon, byVan);
    given(taken, released)
      .when({ ...release, when: noon })
      .yields(struck);
    given(taken, released, struck)
      .when({ ...take, ...byCar })
      .yields(fact(ClaimTaken, noon, { ...byCar, until: null }));
    // Nothing is left of it, so nothing stands in the way of a stretch around it.
    given(taken, struck)
      .when({ ...take, ...byCar, when: morning, until: evening.at })
      .yields(fact(ClaimTaken, morning, { ...byCar, until: evening.at }));
  });

  const anyHolder = fc.record({
    which: fc.constantFrom(byVan, byCar),
    n: fc.integer({ min: 0, max: 4 }),
  });
  const moments = [morning, noon, evening, night] as const;
  const anyWhen = fc.oneof(fc.constantFrom(...moments), anyMoment);
  const anyCommand: fc.Arbitrary<TimedClaimCommand> = fc
    .tuple(anyWhen, fc.option(fc.constantFrom(...moments)), anyHolder, fc.boolean())
    .map(([when, until, { which, n }, isRelease]) => {
      const by = { ...which, operation: CommandId.parse(uuid8(0x100 + n)) };
      return isRelease
        ? { type: 'ReleaseStretch', operation: by.operation, when }
        : { type: 'TakeStretch', ...by, until: until?.at ?? null, when };
    });

  it('is total, idempotent and survives being stored', () => {
    const seen = holdToLaws(timedClaimDecider, anyCommand);
    expect(seen).toEqual({ events: ['ClaimReleased', 'ClaimTaken'], refusals: ['ClaimHeld'] });
  });

  it('never gives two the same moment, in whatever order things become known', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 40, size: 'max' }), (commands) => {
        let state = timedClaimDecider.initial;
        for (const command of commands) {
          const decided = timedClaimDecider.decide(command, state);
          if (isRight(decided)) state = decided.right.reduce(timedClaimDecider.evolve, state);
        }
        const held = [...state.stretches.values()];
        for (const [index, one] of held.entries()) {
          for (const another of held.slice(index + 1)) expect(overlaps(one, another)).toBe(false);
        }
        expect(replay(timedClaimDecider, []).stretches.size).toBe(0);
      }),
    );
  });
});
