import { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import { begin } from '#ingest/formats/draft.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { dataFrame } from '#ingest/formats/wialonIps/encode.ts';
import { ipsUplink } from '#ingest/simulator/ipsUplink.ts';
import type { Uplink } from '#ingest/simulator/uplink.ts';
import type { DataMessage } from './message.ts';
import type { UnitSettings } from './unit.ts';

type Destination = NonNullable<UnitSettings['destination']>;

const US_PER_S = 1_000_000;
const WAITING_MAX = 200;
/** A message that was not acknowledged is sent again so often, on a connection of its own. */
const TRIES_MAX = 3;
/** Tenants are of the token's; the way to the listener knows none. */
const NOBODY = Tenant.parse('simulated');

/** A message as the reading that our listener makes of it. */
const readingOfMessage = (ident: DeviceIdent, message: DataMessage): Reading => ({
  ...begin(ident, message.t * US_PER_S).reading,
  lat: message.pos?.y ?? null,
  lon: message.pos?.x ?? null,
  altitude_m: message.pos?.z ?? null,
  speed_kmh: message.pos?.s ?? null,
  course_deg: message.pos?.c ?? null,
  satellites: message.pos?.sc ?? 0,
  ignition: message.i % 2 === 1,
  din: message.i,
  dout: message.o,
});

/** A unit's way to where its messages are passed on to. */
export interface Retranslator {
  readonly pass: (message: DataMessage) => void;
  readonly close: () => Promise<void>;
}

/** Passes messages on by Wialon IPS 2.0, one after the other; what nobody takes is dropped in the end. */
export const retranslator = ({ host, port, ident, password }: Destination): Retranslator => {
  const login = { tenant: NOBODY, ident: DeviceIdent.parse(ident), secret: password, token: '' };
  let uplink: Uplink | null = null;
  let waiting = 0;
  let isClosed = false;
  let passed: Promise<void> = Promise.resolve();

  const tryOnce = async (frame: Buffer): Promise<boolean> => {
    try {
      uplink ??= await ipsUplink({ host, port }, login);
    } catch {
      return false;
    }
    const answer = await uplink.send(frame);
    if (answer === 'acknowledged' || answer === 'refused') return true;
    uplink.cut();
    uplink = null;
    return false;
  };
  const pass = async (frame: Buffer): Promise<void> => {
    for (let tries = 0; tries < TRIES_MAX && !isClosed; tries += 1) {
      if (await tryOnce(frame)) break;
    }
    waiting -= 1;
  };
  return {
    pass: (message) => {
      if (isClosed || waiting >= WAITING_MAX) return;
      waiting += 1;
      const frame = dataFrame('2.0', readingOfMessage(login.ident, message));
      passed = passed.then(() => pass(frame));
    },
    close: async () => {
      isClosed = true;
      await passed;
      await uplink?.close();
    },
  };
};
