import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Tenant } from '#domain/kernel/ids.ts';
import { evidenceClip } from '#ingest/detection/evidence.ts';
import { NOON_US, rightOf, SECOND_US } from '#tests/support/telemetrySamples.ts';
import { type TelemetryScene, telemetryScene } from './telemetryScene.ts';

let scene: TelemetryScene;
beforeAll(async () => {
  scene = await telemetryScene();
});
afterAll(() => scene.close());

const clipOf = async (vehicle: TelemetryScene['vehicles']['first']) => {
  const device = scene.deviceOf(vehicle);
  const rows = [0, 1].map((n) => device.row({ device_time_us: NOON_US + n * SECOND_US, seq: n }));
  const clip = evidenceClip({ ...device, tenant: Tenant.parse('acme') }, rows, NOON_US);
  rightOf(await scene.memory.keepClip(clip)());
  return clip;
};

const get = async (digest: string, role: 'operator' | 'auditor' = 'operator', parks?: string[]) => {
  const { api } = scene;
  return api.app.inject({
    url: `/api/v1/telemetry/evidence/${digest}`,
    headers: await api.bearer({ role, ...(parks && { parks }) }),
  });
};

describe('the readings that a conclusion rests on', () => {
  it('are told as they were, so that anybody can see that they are those of the event', async () => {
    const { digest } = await clipOf(scene.vehicles.first);
    const reply = await get(digest);
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['content-type']).toMatch('application/x-ndjson');
    expect(createHash('sha256').update(reply.rawPayload).digest('hex')).toBe(digest);
    expect(reply.body.trim().split('\n')).toHaveLength(3);
  });

  it('are shown to whom they concern only', async () => {
    const { digest } = await clipOf(scene.vehicles.elsewhere);
    expect((await get(digest, 'auditor')).statusCode).toBe(403);
    expect((await get(digest, 'operator', [scene.parks.first])).json()).toMatchObject({
      status: 404,
      code: 'evidence_unknown',
    });
    expect((await get(digest, 'operator', [scene.parks.second])).statusCode).toBe(200);
    expect((await get('0'.repeat(64))).json()).toMatchObject({ code: 'evidence_unknown' });
    scene.proxy.refuse();
    expect((await get(digest)).statusCode).toBe(503);
    scene.proxy.heal();
  });
});
