import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { follow, newPacketGuard, type PacketGuard } from '#ingest/listeners/mqttPacketGuard.ts';
import { ownerOfTopic } from '#ingest/listeners/telemetryTopic.ts';

describe('the bound of packets', () => {
  const aPacket = fc.integer({ min: 0, max: 400 }).map((length) =>
    generate({
      cmd: 'publish',
      topic: 't',
      payload: Buffer.alloc(length),
      qos: 0,
      dup: false,
      retain: false,
    }),
  );
  const run = (bytes: Buffer, cuts: readonly number[], max: number): PacketGuard | null => {
    let guard: PacketGuard | null = newPacketGuard;
    let start = 0;
    for (const cut of [...cuts.toSorted((one, other) => one - other), bytes.length]) {
      const end = Math.min(bytes.length, Math.max(start, cut));
      guard = guard && follow(guard, bytes.subarray(start, end), max);
      start = end;
    }
    return guard;
  };

  it('lets through packets within it and stops others, however they are cut', () => {
    const packets = fc.array(aPacket, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(packets, fc.array(fc.nat({ max: 3_000 })), (list, cuts) => {
        const bytes = Buffer.concat(list);
        expect(run(bytes, cuts, 500)).toEqual(newPacketGuard);
        const greatest = Math.max(...list.map((packet) => packet.length)) - 3;
        if (greatest > 1) expect(run(bytes, cuts, greatest - 2)).toBeNull();
      }),
    );
  });

  it('knows a length that is none', () => {
    expect(follow(newPacketGuard, Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff]), 2 ** 40)).toBeNull();
  });
});

describe('a topic', () => {
  it('names a tenant and a device, or nobody', () => {
    expect(ownerOfTopic('fleet/acme/van-1/up')).toEqual({ tenant: 'acme', ident: 'van-1' });
    for (const topic of [
      '',
      'fleet/acme/x/down',
      'fleet/ACME/x/up',
      'fleet/acme//up',
      'fleet/acme/x/up/',
      'fleet/acme/a/b/up',
      'fleet/acme/ä/up',
      `fleet/acme/${'x'.repeat(65)}/up`,
    ]) {
      expect([topic, ownerOfTopic(topic)]).toEqual([topic, null]);
    }
    fc.assert(fc.property(fc.string(), (topic) => void ownerOfTopic(topic)));
  });
});
