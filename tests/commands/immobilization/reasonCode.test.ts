import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reasonCode } from '#commands/immobilization/reasonCode.ts';
import { requestRelease } from '#commands/immobilization/requests.ts';
import { Code } from '#domain/kernel/fields.ts';
import { requestOf, rightOf } from '#tests/support/ledger.ts';
import { immobilizerScene, notDelivered, standing } from './scene.ts';

describe('the reason of a relay', () => {
  it('becomes a code, whatever it is', () => {
    expect(reasonCode('error 1003')).toBe('error_1003');
    expect(reasonCode('login ECONNREFUSED')).toBe('login_econnrefused');
    expect(reasonCode('too late')).toBe('too_late');
    expect(reasonCode('')).toBe('unnamed');
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (reason) => {
        expect(Code.safeParse(reasonCode(reason)).success).toBe(true);
      }),
    );
  });

  it('is written down of a block that was not delivered', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    scene.relay.answer = () => notDelivered('error 1003', false);
    const job = await scene.block();
    await scene.drive(job, 20);
    expect((await scene.job(job)).ended).toMatchObject({ status: 'failed', code: 'error_1003' });
  });

  it('is written down of a release that was not delivered', async () => {
    const scene = await immobilizerScene();
    scene.relay.answer = () => notDelivered('error 1003', true);
    const wanted = { vehicle: scene.vehicle, method: null, reason: 'mistake' } as const;
    const { id } = rightOf(await requestRelease(scene.ledger())(requestOf('free'), wanted));
    await scene.drive(id, 3);
    expect(await scene.job(id)).toMatchObject({ answer: { code: 'error_1003' } });
  });
});
