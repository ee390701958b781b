import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessDecided, type AccessDecisionEvent } from '#domain/access/events.ts';
import { decisionsDecider } from '#domain/access/recordDecision.ts';
import { replay } from '#domain/kernel/decider.ts';
import { DecisionId, EventId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { anyMoment, holdToLaws } from '#tests/support/arbitrary.ts';
import { ann, berlin, noon, uuid8, van } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(decisionsDecider);
const decision = DecisionId.parse(uuid8(0xe1));
const denied: AccessDecisionEvent['data'] = {
  decision,
  driver: ann,
  vehicle: van,
  park: berlin,
  effect: 'rental',
  verdict: 'denied',
  reasons: [
    {
      code: 'driver_locked_out',
      severity: 'denies',
      events: [EventId.parse(uuid8(0xe2))],
      since: noon.at,
      until: null,
      lastDay: null,
    },
  ],
  rules: { scope: 'built_in', park: null, version: 0 },
  revisions: { driver: '1', standing: null, vehicle: '2', tenantRules: null, parkRules: null },
  rest_s: null,
};
const record = { type: 'RecordDecision', decided: denied, when: noon } as const;
const recorded = fact(AccessDecided, noon, denied);

describe('a decision', () => {
  it('is written down once, and stands whatever is decided later', () => {
    given().when(record).yields(recorded);
    const allowed: AccessDecisionEvent['data'] = { ...denied, verdict: 'allowed', reasons: [] };
    given(recorded)
      .when({ ...record, decided: allowed })
      .yields();
    const { verdict, reasons } = denied;
    const { decisions } = replay(decisionsDecider, [recorded]);
    expect(decisions.get(decision)).toEqual({ verdict, reasons });
  });

  it('obeys the laws', () => {
    const seen = holdToLaws(
      decisionsDecider,
      fc.record({
        type: fc.constant('RecordDecision'),
        decided: fc
          .integer({ min: 0, max: 3 })
          .map((n) => ({ ...denied, decision: DecisionId.parse(uuid8(0xe1 + n)) })),
        when: anyMoment,
      }),
    );
    expect(seen).toEqual({ events: ['AccessDecided'], refusals: [] });
  });
});
