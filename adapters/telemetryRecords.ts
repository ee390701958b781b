import { microInstant } from '#ingest/microInstant.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import type { VehicleNow } from '#ingest/vehicleNow.ts';

/** What a column of a record holds; an instant is text already. */
type Value = string | number | bigint | boolean | null;

/** Ten minutes: what is rolled up at once. As in migrations/0010_telemetry.sql. */
const STRETCH_US = 600_000_000;
const SPECIAL = /["\\]/g;

/** Any text as a column of a record in an array: escaped for the one, and then for the other. */
const quoted = (text: string): string => `\\"${text.replace(SPECIAL, '\\\\\\$&')}\\"`;

const listText = (items: readonly string[]): string =>
  quoted(`{${items.map((item) => `"${item.replace(SPECIAL, '\\$&')}"`).join(',')}}`);

/**
 * Text that needs no quotation marks in a record, because of what it is: an instant, an id, an ident, a name.
 * What may hold anything is `quoted` before it comes here.
 */
const columnText = (value: Value): string | number | bigint => {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return value;
};

const recordText = (values: readonly Value[]): string => {
  let text = '';
  for (const value of values) text += `${text === '' ? '(' : ','}${columnText(value)}`;
  return `${text})`;
};

/** A list of records in the way Postgres reads an array of a table's type. */
const recordsText = (records: Iterable<readonly Value[]>): string => {
  let text = '';
  for (const values of records) text += `${text === '' ? '' : ','}"${recordText(values)}"`;
  return `{${text}}`;
};

const instantOrNull = (at_us: number | null): string | null =>
  at_us === null ? null : microInstant(at_us);

const hasKeys = (fields: object): boolean => {
  for (const _ in fields) return true;
  return false;
};

/** A row in the order of the columns of `telemetry`. */
const rowValues = (row: TelemetryRow, received_at: string): readonly Value[] => [
  microInstant(row.device_time_us),
  received_at,
  row.fingerprint,
  row.lat,
  row.lon,
  row.altitude_m,
  row.speed_kmh,
  row.limit_kmh,
  row.course_deg,
  row.hdop,
  row.fuel_level_pct,
  row.fuel_l,
  row.fuel_rate_lph,
  row.external_v,
  row.battery_v,
  row.odometer_m,
  row.din,
  row.dout,
  row.engine_rpm,
  row.satellites,
  row.valid,
  row.ignition,
  row.buffered,
  row.vehicle,
  row.ident,
  quoted(row.source),
  row.dtcs && listText(row.dtcs),
  row.driver_tag === null ? null : quoted(row.driver_tag),
  hasKeys(row.rest) ? quoted(JSON.stringify(row.rest)) : null,
  row.flags.length === 0 ? null : listText(row.flags),
];

const order = (one: TelemetryRow, other: TelemetryRow): number => {
  if (one.ident !== other.ident) return one.ident < other.ident ? -1 : 1;
  const by_time = one.device_time_us - other.device_time_us;
  if (by_time !== 0) return by_time;
  return Number(one.fingerprint > other.fingerprint) - Number(one.fingerprint < other.fingerprint);
};

/** Rows as an array of `telemetry_late`, in the order of their key, and which place each had before. */
export const rowRecords = (
  rows: readonly { readonly row: TelemetryRow; readonly place: number }[],
) => {
  const sorted = rows.toSorted((one, other) => order(one.row, other.row));
  let last = { at_us: 0, text: microInstant(0) };
  const receivedAt = (at_us: number): string => {
    // All readings of a message came at once.
    if (at_us !== last.at_us) last = { at_us, text: microInstant(at_us) };
    return last.text;
  };
  return {
    text: recordsText(sorted.map(({ row }) => rowValues(row, receivedAt(row.received_at_us)))),
    places: sorted.map(({ place }) => place),
  };
};

const byVehicle = (one: VehicleNow, other: VehicleNow): number => {
  const [left, right] = [one.tenant + one.vehicle, other.tenant + other.vehicle];
  return Number(left > right) - Number(left < right);
};

/** States of vehicles as an array of `vehicle_now`, in the order of its key. */
export const nowRecords = (states: readonly VehicleNow[]): string =>
  recordsText(
    states
      .toSorted(byVehicle)
      .map((state) => [
        state.tenant,
        state.vehicle,
        state.ident,
        microInstant(state.seen_at_us),
        microInstant(state.received_at_us),
        instantOrNull(state.fix_at_us),
        state.lat,
        state.lon,
        state.altitude_m,
        state.course_deg,
        instantOrNull(state.speed_at_us),
        state.speed_kmh,
        instantOrNull(state.ignition_at_us),
        state.ignition,
      ]),
  );

const recordsOf = (found: ReadonlyMap<string, readonly string[]>): string =>
  recordsText([...found.keys()].sort().map((key) => found.get(key) ?? []));

/** The devices of rows as an array of `telemetry_devices`, in the order of its key. */
export const deviceRecords = (rows: readonly TelemetryRow[]): string => {
  const found = new Map<string, readonly string[]>();
  let last: TelemetryRow | null = null;
  for (const row of rows) {
    const { vehicle, ident, tenant } = row;
    // Most rows come in runs of one device.
    if (last?.ident !== ident || last.vehicle !== vehicle) {
      found.set(`${vehicle} ${ident}`, [vehicle, ident, tenant]);
    }
    last = row;
  }
  return recordsOf(found);
};

/** What detectors have to look at, as an array of `detection_marks`, in the order of its key. */
export const markRecords = (rows: readonly TelemetryRow[]): string => {
  const found = new Map<
    string,
    { readonly row: TelemetryRow; since_us: number; heard_us: number }
  >();
  for (const row of rows) {
    const { vehicle, ident, device_time_us, received_at_us } = row;
    const key = `${vehicle} ${ident}`;
    const mark = found.get(key);
    if (!mark) found.set(key, { row, since_us: device_time_us, heard_us: received_at_us });
    else {
      mark.since_us = Math.min(mark.since_us, device_time_us);
      mark.heard_us = Math.min(mark.heard_us, received_at_us);
    }
  }
  const keys = [...found.keys()].sort();
  return recordsText(
    keys.flatMap((key) => {
      const mark = found.get(key);
      if (!mark) return [];
      const { tenant, vehicle, ident } = mark.row;
      return [[tenant, vehicle, ident, microInstant(mark.since_us), microInstant(mark.heard_us)]];
    }),
  );
};

/** What rows have to be rolled up for, as an array of `telemetry_touched`, in the order of its key. */
export const touchedRecords = (rows: readonly TelemetryRow[]): string => {
  const found = new Map<string, readonly string[]>();
  let last = { vehicle: '', start_us: -1 };
  for (const { vehicle, device_time_us } of rows) {
    const start_us = device_time_us - (device_time_us % STRETCH_US);
    if (last.vehicle === vehicle && last.start_us === start_us) continue;
    last = { vehicle, start_us };
    const start = microInstant(start_us);
    found.set(`${vehicle} ${start}`, [vehicle, start]);
  }
  return recordsOf(found);
};
