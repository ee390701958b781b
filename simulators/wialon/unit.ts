import { z } from 'zod';

/** The types of commands that the simulator's trackers know, as Wialon names them. */
export const CommandType = z.enum(['block_engine', 'unblock_engine', 'query_pos']);
export type CommandType = z.infer<typeof CommandType>;

/** A command that somebody defined for a unit: `n` its name, `c` its type, `l` its link, `p` its text. */
const Definition = z.strictObject({
  n: z.string().min(1).max(64),
  c: CommandType,
  l: z.enum(['', 'tcp', 'udp', 'vrt', 'gsm']).default('tcp'),
  p: z.string().max(256).default(''),
});

const DEFINITIONS: readonly z.input<typeof Definition>[] = [
  { n: 'Block engine', c: 'block_engine' },
  { n: 'Unblock engine', c: 'unblock_engine' },
  { n: 'Where are you', c: 'query_pos' },
];

const milliseconds = z.int().min(0).max(3_600_000);

/**
 * A unit, and how the device in it behaves.
 * `connection`: a sleeping device hears nothing but the question for its position, which comes by SMS, and is
 * awake `wakes_ms` after it for `awake_ms`.
 * `hasFix`, `speedGuard_kmh`: it blocks only with a fix and below that speed; null: at any speed.
 * `obedience`: `obeys`; `lies`, where it says that it has done it and has not; `ignores`: it does nothing.
 * `answers`: in its usual words, in none, in unknown ones, twice, or `late_ms` later than it acts.
 * `link_ms`: from the relay to the device; `acts_ms` and up to `jitter_ms` more: from there to the output.
 * `clockAhead_ms`: by how much its clock is wrong.
 * `hasRights`: whether commands to it are allowed. `mayQueue`: whether they wait where there is no link.
 * `destination`: where the retranslator sends what it tells, by Wialon IPS 2.0; null: nowhere.
 */
export const UnitSettings = z.strictObject({
  id: z.int().min(1),
  name: z.string().min(1).max(64),
  connection: z.enum(['online', 'offline', 'sleeping']).default('online'),
  wakes_ms: milliseconds.default(5_000),
  awake_ms: milliseconds.default(120_000),
  speed_kmh: z.number().min(0).max(300).default(0),
  ignition: z.boolean().default(false),
  lat: z.number().min(-90).max(90).default(33.98),
  lon: z.number().min(-180).max(180).default(-6.87),
  hasFix: z.boolean().default(true),
  speedGuard_kmh: z.number().min(0).max(300).nullable().default(20),
  output: z.int().min(1).max(32).default(1),
  blocksWhenOn: z.boolean().default(true),
  obedience: z.enum(['obeys', 'lies', 'ignores']).default('obeys'),
  answers: z.enum(['usual', 'none', 'unknown', 'twice', 'late']).default('usual'),
  late_ms: milliseconds.default(8_000),
  link_ms: milliseconds.default(200),
  acts_ms: milliseconds.default(1_000),
  jitter_ms: milliseconds.default(1_000),
  clockAhead_ms: milliseconds.default(0),
  report_ms: milliseconds.min(1_000).default(10_000),
  hasRights: z.boolean().default(true),
  mayQueue: z.boolean().default(true),
  commands: z
    .array(Definition)
    .max(64)
    .default(() => DEFINITIONS.map((each) => Definition.parse(each))),
  destination: z
    .strictObject({
      host: z.string().min(1),
      port: z.int().min(1).max(65_535),
      ident: z.string().min(1).max(64),
      password: z.string().max(128),
    })
    .nullable()
    .default(null),
});
export type UnitSettings = z.infer<typeof UnitSettings>;

/** What may be changed of a unit while it runs. A default would undo what was said before. */
export const UnitChange = z.strictObject({
  connection: UnitSettings.shape.connection.unwrap().optional(),
  speed_kmh: UnitSettings.shape.speed_kmh.unwrap().optional(),
  ignition: z.boolean().optional(),
  hasFix: z.boolean().optional(),
  speedGuard_kmh: UnitSettings.shape.speedGuard_kmh.unwrap().optional(),
  obedience: UnitSettings.shape.obedience.unwrap().optional(),
  answers: UnitSettings.shape.answers.unwrap().optional(),
  hasRights: z.boolean().optional(),
  mayQueue: z.boolean().optional(),
  commands: UnitSettings.shape.commands.unwrap().optional(),
  destination: UnitSettings.shape.destination.unwrap().optional(),
});
export type UnitChange = z.infer<typeof UnitChange>;
