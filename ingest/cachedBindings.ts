import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import { deviceKey } from './bindings.ts';
import type { Binding, Bindings, BindingsOfDevice, Device } from './ports.ts';

/** How many devices are remembered: a few hundred bytes each. */
const DEVICES_MAX = 20_000;
/** How long a device that has just been fitted, removed or corrected may still be seen as it was. */
const AGE_MAX_MS = 5_000;

interface Entry {
  readonly since_ms: number;
  readonly found: Promise<Either<Unavailable, readonly Binding[]>>;
}

interface Options {
  readonly bindingsOf: BindingsOfDevice;
  /** Milliseconds that only go forward. */
  readonly now_ms?: () => number;
  readonly devices_max?: number;
  readonly age_max_ms?: number;
}

/**
 * Bindings remembered per device, for a few seconds: thousands of readings a second ask about the same
 * devices. Devices that nobody knows are remembered too; failures are not. Questions about one device at once
 * are one question to the source. `forget` has the next question go to the source.
 */
export const cachedBindings = (
  options: Options,
): Bindings & { readonly forget: (device: Device) => void } => {
  const { bindingsOf, now_ms = () => performance.now() } = options;
  const { devices_max = DEVICES_MAX, age_max_ms = AGE_MAX_MS } = options;
  const entries = new Map<string, Entry>();

  const ask = (device: Device, key: string): Entry['found'] => {
    const found = bindingsOf(device)();
    const entry = { since_ms: now_ms(), found };
    entries.delete(key);
    entries.set(key, entry);
    const oldest = entries.keys().next();
    if (entries.size > devices_max && !oldest.done) entries.delete(oldest.value);
    const drop = (): void => {
      if (entries.get(key) === entry) entries.delete(key);
    };
    void found.then((answer) => isLeft(answer) && drop(), drop);
    return found;
  };

  const recall = (device: Device): Entry['found'] => {
    const key = deviceKey(device);
    const held = entries.get(key);
    const isFresh = held !== undefined && now_ms() - held.since_ms < age_max_ms;
    return isFresh ? held.found : ask(device, key);
  };

  return {
    ofDevices: (devices) => async () => {
      const known = new Map<string, readonly Binding[]>();
      const found = await Promise.all(
        devices.map(async (device) => ({ device, bindings: await recall(device) })),
      );
      for (const { device, bindings } of found) {
        if (isLeft(bindings)) return bindings;
        known.set(deviceKey(device), bindings.right);
      }
      return right((device) => known.get(deviceKey(device)) ?? []);
    },
    forget: (device) => {
      entries.delete(deviceKey(device));
    },
  };
};
