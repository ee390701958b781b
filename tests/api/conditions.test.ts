import { describe, expect, it } from 'vitest';
import { amendCondition, noteCondition } from '#commands/conditions.ts';
import { ConclusionId, DeviceIdent, VehicleId } from '#domain/kernel/ids.ts';
import { requestOf, rightOf, testLedger } from '#tests/support/ledger.ts';
import { digest, instant, uuid8 } from '#tests/support/samples.ts';
import { call, fleet, testApi } from './apiHarness.ts';

const eight = instant('2026-03-02T08:00:00.000Z');
const nine = instant('2026-03-02T09:00:00.000Z');
const ident = DeviceIdent.parse('000000000000017');

describe('conditions', () => {
  it('are listed by vehicle, kind and whether they go on, and seen one by one', async () => {
    const api = await testApi();
    const { ledger } = testLedger(api.store);
    const fleetOf = await fleet(api);
    const vehicle = VehicleId.parse(fleetOf.vehicle);
    const note = async (n: number, said: { kind: 'fault' | 'parking'; matter: string | null }) => {
      const concluded = { id: ConclusionId.parse(uuid8(n)), evidence: digest(n) };
      const asked = { concluded, vehicle, ...said, ident, at: eight, endedAt: null };
      return rightOf(await noteCondition(ledger)(requestOf(asked), asked)).id;
    };
    const fault = await note(1, { kind: 'fault', matter: 'P0301' });
    const parking = await note(2, { kind: 'parking', matter: null });
    const over = { condition: parking, at: eight, endedAt: nine, evidence: null };
    const ended = { ...over, reason: 'went_on' } as const;
    rightOf(await amendCondition(ledger)(requestOf('over'), ended));
    const listed = async (query: string) => {
      const { status, body } = await call(api, 'GET', `/conditions?${query}`);
      expect(status).toBe(200);
      return body.items.map((item: { condition_id: string }) => item.condition_id);
    };
    expect((await listed(`vehicle_id=${vehicle}`)).sort()).toEqual([fault, parking].sort());
    expect(await listed(`vehicle_id=${uuid8(9)}`)).toEqual([]);
    expect(await listed('kind=fault')).toEqual([fault]);
    expect(await listed('status=open')).toEqual([fault]);
    expect(await listed('status=over')).toEqual([parking]);
    expect((await call(api, 'GET', `/conditions/${fault}`)).body).toMatchObject({
      condition_id: fault,
      vehicle_id: vehicle,
      kind: 'fault',
      matter: 'P0301',
      ident,
      status: 'open',
      started_at: eight,
      ended_at: null,
      evidence: digest(1),
    });
    const elsewhere = await api.bearer({ role: 'operator', parks: [uuid8(0x99)] });
    const hidden = await call(api, 'GET', `/conditions/${fault}`, undefined, elsewhere);
    expect([hidden.status, hidden.body.code]).toEqual([404, 'condition_unknown']);
  });
});
