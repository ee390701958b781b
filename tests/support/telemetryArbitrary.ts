import fc from 'fast-check';
import { BOUNDS, type NumberColumn, type Reading } from '#ingest/formats/reading.ts';
import type { RowFlag, TelemetryRow } from '#ingest/telemetryRow.ts';
import { reading } from './telemetrySamples.ts';

const orNull = <Value>(some: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.option(some, { nil: null, freq: 2 });

const column = (name: NumberColumn): fc.Arbitrary<number | null> => {
  const { min, max, whole } = BOUNDS[name];
  const value =
    whole === 'no' ? fc.double({ min, max, noNaN: true }) : fc.integer({ min, max: max });
  return orNull(value.map((told) => told + 0));
};

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((told) => told.isWellFormed() && !told.includes('\0'));

/** JSON.parse may misread a key with an escaped character, so that no reading has one. */
const isPlainKey = (key: string): boolean => JSON.stringify(key) === `"${key}"`;

const hasPlainKeys = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  Object.entries(value).every(([key, each]) => isPlainKey(key) && hasPlainKeys(each));

const json = fc
  .jsonValue({ maxDepth: 2 })
  .filter(hasPlainKeys)
  .map((value) => JSON.parse(JSON.stringify(value)));

const isStorable = (value: unknown): boolean =>
  !JSON.stringify(value).includes('\\u0000') && JSON.stringify(value).isWellFormed();

const rest: fc.Arbitrary<Reading['rest']> = fc
  .dictionary(
    text.filter((key) => key !== '__proto__' && isPlainKey(key)),
    json,
    { maxKeys: 4, noNullPrototype: true },
  )
  .filter(isStorable);

const someFlags = fc.uniqueArray(
  fc.constantFrom<RowFlag>('clock_ahead', 'zero_fix', 'speed_kmh_impossible', 'position_jump'),
);

/** Whatever a reading can say and a row can hold, but for its device, time and count. */
export const anyReading: fc.Arbitrary<Partial<TelemetryRow>> = fc
  .record({
    place: orNull(
      fc.record({
        lat: fc.double({ min: -90, max: 90, noNaN: true }).map((told) => told + 0),
        lon: fc.double({ min: -180, max: 180, noNaN: true }).map((told) => told + 0),
      }),
    ),
    altitude_m: column('altitude_m'),
    speed_kmh: column('speed_kmh'),
    limit_kmh: column('limit_kmh'),
    course_deg: column('course_deg').filter((told) => told !== 360),
    satellites: column('satellites'),
    hdop: column('hdop'),
    odometer_m: column('odometer_m'),
    engine_rpm: column('engine_rpm'),
    fuel_level_pct: column('fuel_level_pct'),
    fuel_l: column('fuel_l'),
    fuel_rate_lph: column('fuel_rate_lph'),
    external_v: column('external_v'),
    battery_v: column('battery_v'),
    din: column('din'),
    dout: column('dout'),
    seq: column('seq'),
    valid: orNull(fc.boolean()),
    ignition: orNull(fc.boolean()),
    buffered: fc.boolean(),
    dtcs: orNull(fc.array(fc.stringMatching(/^[A-Z0-9][A-Z0-9:._-]{0,5}$/), { maxLength: 3 })),
    driver_tag: orNull(text),
    rest,
    flags: someFlags,
  })
  .map(({ place, flags, ...told }) => {
    const { flags: _, ...plain } = reading();
    const { ident: _ident, device_time_us: _time, ...columns } = plain;
    return { ...columns, ...told, lat: place?.lat ?? null, lon: place?.lon ?? null, flags };
  });
