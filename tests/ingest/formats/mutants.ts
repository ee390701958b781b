import fc from 'fast-check';
import { bytesOf, ident } from './support.ts';

/** Seconds since 1970 of the messages here. */
export const AT_S = 1_772_452_798;
/** A good record of Wialon IPS, without its frame. */
export const record =
  '020326;115958;4530.0;N;00715.0;E;36;90;120;8;1.1;3;0;1,2;AB12;ign:1:1,note:3:x';

/** Good messages of every format, with as many of its fields as matter. */
const good: readonly unknown[] = [
  {
    ident,
    timestamp: AT_S + 0.25,
    'position.latitude': 45.5,
    'position.longitude': 7.25,
    'position.speed': 63.5,
    'position.valid': true,
    'engine.ignition.status': true,
    'vehicle.mileage': 1_234.5,
    'can.fuel.level': 55,
    din: 3,
    'can.dtc': [{ code: 'P0100' }],
    'ibutton.code': 'AB12',
    'message.buffered.status': false,
    'custom.speed_limit': 50,
  },
  { ident, device_time: '2026-03-02T11:59:58.25Z', lat: 45.5, lon: 7.25, speed_kmh: 5, seq: 4 },
  {
    device: { uniqueId: ident },
    position: {
      deviceTime: '2026-03-02T11:59:58.000+00:00',
      latitude: 45.5,
      longitude: 7.25,
      speed: 10,
      valid: true,
      network: { cellTowers: [{ cellId: 1 }] },
      attributes: { ignition: true, dtcs: 'P0301', fuelLevel: 5, archive: true },
    },
  },
  {
    device_id: ident,
    location: {
      timestamp: '2026-03-02T11:59:58.000Z',
      coords: { latitude: 45.5, longitude: 7.25, speed: 3, heading: -1, altitude: 5 },
      battery: { level: 0.5 },
      mock: false,
    },
  },
  `id=${ident}&timestamp=${AT_S}&lat=45.5&lon=7.25&speed=10&bearing=90&batt=50&dtcs=P0301`,
  `${ident}#D#${record}\r\n`,
  `${ident}#B#${record}|${record}|\r\n`,
];

/** A good message with some bytes changed, dropped, doubled or put in. */
export const anyMutant = fc
  .record({
    message: fc.constantFrom(...good),
    times: fc.integer({ min: 1, max: 4 }),
    list: fc.boolean(),
    cuts: fc.array(
      fc.record({
        place: fc.nat({ max: 2_000 }),
        dropped: fc.nat({ max: 8 }),
        put: fc.oneof(
          fc.constantFrom('', '0', '9', '-', '"', ',', ';', '|', '#', ':', '{', ']', '\n', '\0'),
          fc.string({ unit: 'binary', maxLength: 3 }),
        ),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ message, times, list, cuts }) => {
    const text = bytesOf(message).toString();
    const whole =
      list && text.startsWith('{') ? `[${Array(times).fill(text)}]` : text.repeat(times);
    return cuts.reduce(
      (mutant, { place, dropped, put }) =>
        Buffer.concat([
          mutant.subarray(0, place % (mutant.length + 1)),
          Buffer.from(put),
          mutant.subarray((place % (mutant.length + 1)) + dropped),
        ]),
      Buffer.from(whole),
    );
  });

/** Values as they should not be: of another kind, beyond every bound, deep, or no proper text. */
export const anyOddity = fc.oneof(
  fc.jsonValue(),
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom<unknown>(-1, 0, 1e308, -0, '', 'NA', 'NaN', '\0', '\ud800', 2 ** 60, null, true),
  fc.constantFrom<unknown>([], {}, [[[[[[[[[[1]]]]]]]]]], 'x'.repeat(2_000), { __proto__: 1 }),
);

const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)])
    : [];

const keys = [...new Set(good.flatMap(keysOf)), '__proto__', 'constructor', '', 'x'.repeat(100)];

/** A value with every field, at any depth, that has one of the names replaced. */
const replaced = (value: unknown, odd: ReadonlyMap<string, unknown>): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          key,
          odd.has(key) ? odd.get(key) : replaced(inner, odd),
        ]),
      );

/** A good object of JSON in which some fields are odd, and some are too many. */
export const anyOddElement = fc
  .tuple(
    fc.constantFrom(...good.filter((message) => typeof message !== 'string')),
    fc.array(fc.tuple(fc.constantFrom(...keys), anyOddity), { maxLength: 4 }),
    fc.dictionary(fc.string(), anyOddity, { maxKeys: 3 }),
  )
  .map(([message, odd, more]) =>
    Object.assign({}, replaced(message, new Map(odd)), Object.fromEntries(Object.entries(more))),
  );
