import type { DeviceIdent } from '#domain/kernel/ids.ts';
import { vehicleAt } from './bindings.ts';
import type { MemoryDraft } from './deviceMemory.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { ElementReject, Reading } from './formats/reading.ts';
import { judge } from './judge.ts';
import type { Arrival, KnownBindings } from './ports.ts';
import type { QuarantineCode, Quarantined } from './quarantine.ts';
import { sample } from './sampling.ts';
import type { TelemetryRow } from './telemetryRow.ts';

/** An arrival on its way. `replay`: it comes out of quarantine. */
export interface Incoming {
  readonly arrival: Arrival;
  readonly replay: boolean;
}

/** What an arrival comes to: every element of it is in exactly one of the three. */
export interface Prepared {
  readonly rows: readonly TelemetryRow[];
  readonly sampled: number;
  readonly quarantined: readonly Quarantined[];
}

interface Deps {
  readonly bindingsOf: KnownBindings;
  readonly memory: MemoryDraft;
  /** The least interval between two readings that are kept; 0: all are kept. */
  readonly interval_us: number;
}

/** In the order of time, which judging needs; most arrivals are in it. */
const inOrder = (readings: readonly Reading[]): readonly Reading[] => {
  let last_us = 0;
  for (const { device_time_us } of readings) {
    if (device_time_us < last_us) {
      return readings.toSorted((one, other) => one.device_time_us - other.device_time_us);
    }
    last_us = device_time_us;
  }
  return readings;
};

const quarantined = (
  { arrival, replay }: Incoming,
  reason: Pick<Quarantined, 'ident' | 'code' | 'field' | 'elements'>,
): Quarantined => ({
  tenant: arrival.tenant,
  sender: arrival.ident,
  listener: arrival.listener,
  format: arrival.format,
  received_at_us: arrival.received_at_us,
  raw: arrival.raw,
  replay,
  ...reason,
});

/** Where formats put what a driver wrote. */
const WRITTEN = 'driver_message';
const NOTHING = [] as const;
const WITHHELD = ['text_withheld'] as const;

/** Leaves out what a person wrote: nobody can say who is named in it, so it could never be erased. */
const withoutText = ({ rest }: Reading) => {
  if (!Object.hasOwn(rest, WRITTEN)) return { rest, withheld: NOTHING };
  const { [WRITTEN]: _, ...kept } = rest;
  return { rest: kept, withheld: WITHHELD };
};

/** An entry for each reason why elements could not be read. */
const ofRejects = (incoming: Incoming): readonly Quarantined[] => {
  const { ident, rejects } = incoming.arrival;
  if (rejects.length === 0) return [];
  const byCode = Map.groupBy(rejects, ({ code }: ElementReject): QuarantineCode => code);
  return [...byCode].map(([code, same]) =>
    quarantined(incoming, { ident, code, field: same[0]?.field ?? null, elements: same.length }),
  );
};

const ofUnbound = (
  incoming: Incoming,
  unbound: ReadonlyMap<DeviceIdent, number>,
): readonly Quarantined[] =>
  [...unbound].map(([ident, elements]) =>
    quarantined(incoming, { ident, code: 'DeviceUnbound', field: null, elements }),
  );

/** The whole of an arrival that the database would not have. */
export const refusedWhole = (incoming: Incoming): Prepared => {
  const { ident, readings, rejects } = incoming.arrival;
  const elements = readings.length + rejects.length;
  const code = 'RowRefused' as const;
  return {
    rows: [],
    sampled: 0,
    quarantined: [quarantined(incoming, { ident, code, field: null, elements })],
  };
};

/** Attributes, judges and samples an arrival. Pure but for the memory, which holds for the group. */
export const prepare =
  ({ bindingsOf, memory, interval_us }: Deps) =>
  (incoming: Incoming): Prepared => {
    const { arrival, replay } = incoming;
    const { tenant, received_at_us } = arrival;
    const live = !replay && arrival.listener !== 'import';
    const source = `${arrival.listener}/${arrival.format}`;
    const rows: TelemetryRow[] = [];
    const unbound = new Map<DeviceIdent, number>();
    let sampled = 0;
    for (const reading of inOrder(arrival.readings)) {
      const { ident, device_time_us } = reading;
      const vehicle = vehicleAt(bindingsOf({ tenant, ident }), device_time_us);
      if (vehicle === null) {
        unbound.set(ident, (unbound.get(ident) ?? 0) + 1);
        continue;
      }
      const before = memory.recall(ident);
      const { remarks, known } = judge(before.known, reading, { received_at_us, live });
      const { keep, last } = live
        ? sample(before.last, reading, interval_us)
        : { keep: true, last: before.last };
      memory.note(ident, { known, last });
      if (!keep) {
        sampled += 1;
        continue;
      }
      const fingerprint = fingerprintOf(reading);
      const { rest, withheld } = withoutText(reading);
      const more = [...remarks, ...withheld];
      const flags = more.length === 0 ? reading.flags : [...reading.flags, ...more];
      rows.push({ ...reading, rest, flags, tenant, vehicle, received_at_us, source, fingerprint });
    }
    const waiting = [...ofRejects(incoming), ...ofUnbound(incoming, unbound)];
    return { rows, sampled, quarantined: waiting };
  };
