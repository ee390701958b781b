import { createSocket } from 'node:dgram';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { compressedBlock, dataFrame } from '#ingest/formats/wialonIps/encode.ts';
import { ipsUdp } from '#ingest/listeners/ipsUdp.ts';
import { readingWith } from '#tests/ingest/formats/support.ts';
import { listenerHarness, loopback, until } from '#tests/support/listenerHarness.ts';

const IDENT = '000000000000017';
const open: { stop: () => Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((each) => each.stop())));

const frame = (seq: number) => dataFrame('2.0', readingWith({ seq, lat: 45.5, lon: 7.25 }));
const from = (prefix: string, seq: number) => Buffer.concat([Buffer.from(prefix), frame(seq)]);

const listening = async () => {
  const harness = listenerHarness();
  const listener = await ipsUdp(harness.parts, loopback);
  const socket = createSocket('udp4');
  open.push(listener, { stop: async () => void socket.close() });
  const heard: Buffer[] = [];
  socket.on('message', (bytes) => heard.push(bytes));
  return {
    ...harness,
    heard,
    send: (bytes: Buffer | string) =>
      new Promise<void>((done) => {
        socket.send(bytes, listener.port, loopback.host, () => done());
      }),
  };
};

describe('Wialon IPS over UDP', () => {
  it('takes datagrams in the name of devices that were registered for it, and answers nothing', async () => {
    const { send, device, intake, seen, heard } = await listening();
    await device(IDENT, { datagrams: true });
    await device('000000000000018');
    await send(from(`2.0;${IDENT}`, 1));
    await send(compressedBlock(from(`2.0;${IDENT}`, 2)));
    await send(from('2.0;000000000000018', 3));
    await send(from('2.0;000000000000019', 4));
    await send('what is this');
    await until(() => intake.durable.length === 2 && seen({ type: 'message' }) === 5);
    expect(seen({ outcome: 'foreign' })).toBe(2);
    expect(seen({ outcome: 'malformed' })).toBe(1);
    expect(intake.durable.map(({ tenant, ident, listener }) => [tenant, ident, listener])).toEqual([
      ['acme', IDENT, 'ips_udp'],
      ['acme', IDENT, 'ips_udp'],
    ]);
    expect(heard).toEqual([]);
  });

  it('does not let one device speak for another, nor for nobody', async () => {
    const { send, device, intake } = await listening();
    await device(IDENT, { datagrams: true });
    await device('000000000000018', { datagrams: true });
    await send(Buffer.concat([from(`2.0;${IDENT}`, 1), from('2.0;000000000000018', 2)]));
    await until(() => intake.durable.length === 1);
    const [arrival] = intake.durable;
    expect(arrival?.readings.map(({ ident }) => ident)).toEqual([IDENT]);
    expect(arrival?.rejects).toMatchObject([{ code: 'IdentForeign' }]);
  });

  it('counts what is lost while nothing can be kept', async () => {
    const { send, device, intake, seen } = await listening();
    await device(IDENT, { datagrams: true });
    intake.state.manner = 'Unavailable';
    await send(from(`2.0;${IDENT}`, 1));
    await until(() => seen({ outcome: 'unavailable' }) === 1);
    intake.state.manner = 'takes';
    await send(from(`2.0;${IDENT}`, 2));
    await until(() => intake.readings() === 1);
  });

  it('minds no bytes whatever', async () => {
    const { send, device, intake, seen } = await listening();
    await device(IDENT, { datagrams: true });
    const datagrams = fc.sample(fc.uint8Array({ maxLength: 300 }), 200);
    for (const bytes of datagrams) await send(Buffer.from(bytes));
    await send(from(`2.0;${IDENT}`, 1));
    await until(() => intake.readings() === 1);
    expect(seen({ type: 'fault' })).toBe(0);
  });
});
