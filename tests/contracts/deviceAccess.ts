import { isLeft } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import type { DeviceAccess, DeviceRegistry, IssuedSecret } from '#ingest/deviceAccess.ts';
import { actor } from '#tests/support/ledger.ts';
import { instant } from '#tests/support/samples.ts';
import { randomTenant, rightOf } from './vaultHarness.ts';

/** An adapter, and the ways in which it goes wrong. */
export interface DeviceAccessHarness {
  /** One more on the same devices, with a clock of its own. */
  readonly open: (clock_ms: () => number) => DeviceAccess & DeviceRegistry;
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const at = instant('2026-03-02T08:00:00.000Z');
const BELIEVED_MS = 30_000;
let idents = 0;

const nextIdent = (): DeviceIdent => {
  idents += 1;
  return DeviceIdent.parse(`dev.${process.pid}-${String(idents).padStart(6, '0')}`);
};

const refused = { left: { code: 'DeviceRefused' } };

/** What every adapter must do. Every test has a tenant and devices of its own. */
export const deviceAccessContract = (subject: {
  readonly name: string;
  readonly start: () => Promise<DeviceAccessHarness>;
}): void => {
  describe(`device access ${subject.name}`, () => {
    let started: DeviceAccessHarness | undefined;
    let now_ms = 1_000_000;
    const harness = (): DeviceAccessHarness => {
      if (!started) throw new Error('the harness has not been started');
      return started;
    };
    const open = () => harness().open(() => now_ms);
    beforeAll(async () => {
      started = await subject.start();
    });
    afterAll(() => started?.close());

    const device = async (registry: DeviceRegistry, tenant = randomTenant()) => {
      const change = { tenant, ident: nextIdent(), actor: actor.id, at };
      const issued: IssuedSecret = rightOf(
        await registry.register({ ...change, datagrams: false })(),
      );
      return { change, issued };
    };

    it('lets a device in by its own secret and by nothing else', async () => {
      const access = open();
      const { change, issued } = await device(access);
      const { tenant, ident } = change;
      expect(issued.secret).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
      for (const times of [1, 2]) {
        expect([times, rightOf(await access.verify(issued)())]).toMatchObject([
          times,
          { tenant, ident },
        ]);
      }
      const { secret } = issued;
      for (const wrong of [
        '',
        'x',
        `${secret} `,
        secret.slice(1),
        secret.toUpperCase(),
        '0'.repeat(200),
      ]) {
        expect(await access.verify({ ident, secret: wrong })()).toMatchObject(refused);
        expect(await access.verify({ ident, secret: wrong })()).toMatchObject(refused);
      }
      expect(await access.verify({ ident: nextIdent(), secret })()).toMatchObject(refused);
      const other = await device(access);
      expect(await access.verify({ ident, secret: other.issued.secret })()).toMatchObject(refused);
    });

    it('gives an ident to one tenant only, until it is given up', async () => {
      const access = open();
      const { change, issued } = await device(access);
      const thief = { ...change, tenant: randomTenant() };
      const again = { ...change, datagrams: true };
      expect(await access.register(again)()).toMatchObject({ left: { code: 'DeviceRegistered' } });
      const taken = { left: { code: 'DeviceTaken' } };
      expect(await access.register({ ...again, ...thief })()).toMatchObject(taken);
      const unknown = { left: { code: 'DeviceUnknown' } };
      for (const ask of [access.rotate, access.revoke, access.giveUp]) {
        expect(await ask(thief)()).toMatchObject(unknown);
      }
      expect(isLeft(await access.verify(issued)())).toBe(false);
      rightOf(await access.giveUp(change)());
      expect(await access.verify(issued)()).toMatchObject(refused);
      rightOf(await access.register({ ...thief, datagrams: true })());
      expect(await access.verify(issued)()).toMatchObject(refused);
      const owner = { tenant: thief.tenant, datagrams: true };
      expect(rightOf(await access.ownerOf(change.ident)())).toEqual(owner);
      expect(rightOf(await access.ownerOf(nextIdent())())).toBeNull();
    });

    it('registers one of two that come at once', async () => {
      const access = open();
      const ident = nextIdent();
      const asked = { ident, actor: actor.id, at, datagrams: false };
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => access.register({ ...asked, tenant: randomTenant() })()),
      );
      const issued = outcomes.flatMap((each) => (isLeft(each) ? [] : [each.right]));
      expect(issued).toHaveLength(1);
      for (const each of issued) expect(isLeft(await access.verify(each)())).toBe(false);
    });

    it('ends a grant with the secret it rests on', async () => {
      const access = open();
      const { change, issued } = await device(access);
      const grant = rightOf(await access.verify(issued)());
      expect(rightOf(await access.stands(grant)())).toBe(true);
      const next = rightOf(await access.rotate(change)());
      expect(rightOf(await access.stands(grant)())).toBe(false);
      expect(await access.verify(issued)()).toMatchObject(refused);
      const renewed = rightOf(await access.verify(next)());
      rightOf(await access.revoke(change)());
      expect(rightOf(await access.stands(renewed)())).toBe(false);
      expect(await access.verify(next)()).toMatchObject(refused);
      const [listed] = rightOf(
        await access.list({ tenant: change.tenant, after: null, limit: 10 })(),
      );
      expect(listed).toEqual({
        ident: change.ident,
        active: false,
        datagrams: false,
        changedAt: at,
      });
      const last = rightOf(await access.rotate(change)());
      expect(rightOf(await access.verify(last)())).toMatchObject({ ident: change.ident });
      expect(await access.verify(next)()).toMatchObject(refused);
    });

    it('hears within half a minute what another process did', async () => {
      const [here, there] = [open(), open()];
      const { change, issued } = await device(here);
      const grant = rightOf(await there.verify(issued)());
      rightOf(await here.revoke(change)());
      expect(rightOf(await there.stands(grant)())).toBe(true);
      now_ms += BELIEVED_MS;
      expect(rightOf(await there.stands(grant)())).toBe(false);
      expect(await there.verify(issued)()).toMatchObject(refused);
    });

    it('lists the devices of a tenant page by page', async () => {
      const access = open();
      const tenant = randomTenant();
      const idents: string[] = [];
      for (let n = 0; n < 3; n += 1) {
        idents.push((await device(access, tenant)).change.ident);
        await device(access);
      }
      const first = rightOf(await access.list({ tenant, after: null, limit: 2 })());
      const after = first.at(-1)?.ident ?? null;
      const rest = rightOf(await access.list({ tenant, after, limit: 2 })());
      expect([...first, ...rest].map(({ ident }) => ident)).toEqual(idents);
      expect(first[0]).toMatchObject({ active: true, datagrams: false });
    });

    it('judges nobody while it is away, and everybody once it is back', async () => {
      const access = open();
      const { change, issued } = await device(access);
      const away = { left: { code: 'Unavailable' } };
      await harness().down();
      expect(await access.verify(issued)()).toMatchObject(away);
      expect(await access.ownerOf(nextIdent())()).toMatchObject(away);
      expect(await access.list({ tenant: change.tenant, after: null, limit: 1 })()).toMatchObject(
        away,
      );
      expect(isLeft(await access.rotate(change)())).toBe(true);
      await harness().up();
      expect(rightOf(await access.verify(issued)())).toMatchObject({ ident: change.ident });
    });
  });
};
