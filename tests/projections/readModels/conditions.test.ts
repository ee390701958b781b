import { describe, expect, it } from 'vitest';
import { ConditionAmended, ConditionNoted, ConditionVoided } from '#domain/conditions/events.ts';
import { ConditionId, DeviceIdent } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { conditions } from '#projections/conditions.ts';
import { annDrives, rowOf } from '#tests/support/projectedEvents.ts';
import { ann, digest, evening, moment, noon, uuid8 } from '#tests/support/samples.ts';

const condition = ConditionId.parse(uuid8(0x65));
const concerned = { condition, ...annDrives };
const noted = fact(ConditionNoted, noon, {
  ...concerned,
  kind: 'offline',
  matter: null,
  ident: DeviceIdent.parse('000000000000017'),
  endedAt: null,
  evidence: digest(1),
});
const dayBefore = moment('2026-03-01T22:30:00.000Z');
const over = fact(ConditionAmended, dayBefore, {
  ...concerned,
  startedAt: dayBefore.at,
  endedAt: evening.at,
  evidence: digest(2),
  reason: 'went_on',
});

describe('the conditions read model', () => {
  it('shows what goes on, and when it is over, on the day on which it began', () => {
    expect(rowOf(conditions, condition, noted)).toMatchObject({
      kind: 'offline',
      driver: ann,
      status: 'open',
      startedAt: noon.at,
      endedAt: null,
      localDate: '2026-03-02',
      evidence: digest(1),
    });
    expect(rowOf(conditions, condition, noted, over)).toMatchObject({
      status: 'over',
      startedAt: dayBefore.at,
      endedAt: evening.at,
      localDate: '2026-03-01',
      evidence: digest(2),
      amendments: 1,
      amendReason: 'went_on',
    });
  });

  it('shows what never was as void', () => {
    const voided = fact(ConditionVoided, noon, { ...concerned, reason: 'measured_again' });
    expect(rowOf(conditions, condition, noted, voided)).toMatchObject({
      status: 'voided',
      voidReason: 'measured_again',
    });
  });
});
