import { wialonRelay } from '#adapters/wialonRelay.ts';
import type { WialonSighting } from '#adapters/wialonSession.ts';
import type { RelayAction } from '#commands/relay.ts';
import { instantOf } from '#domain/kernel/instant.ts';
import {
  SIMULATED_TOKEN,
  type SimulatorOptions,
  type WialonSimulator,
  wialonSimulator,
} from '#simulators/wialon/wialonSimulator.ts';
import {
  AHEAD_MS,
  LATE_MS,
  type Manner,
  type RelayDevice,
  type RelayHarness,
} from '#tests/contracts/relay.ts';
import { manualClock } from './manualClock.ts';

const COMMANDS = {
  block: 'block_engine',
  release: 'unblock_engine',
  query_position: 'query_pos',
} as const;
const ANOTHER_USER = 99;

const MANNERS = {
  obeys: {},
  refuses_fix: { hasFix: false },
  refuses_speed: { speed_kmh: 50, ignition: true },
  offline: { connection: 'offline' },
  deaf: { obedience: 'ignores' },
  lies: { obedience: 'lies' },
  mumbles: { answers: 'unknown' },
  late: { connection: 'offline' },
  ahead: { clockAhead_ms: AHEAD_MS },
} as const satisfies Readonly<Record<Manner, object>>;

/** A Wialon simulator on a clock that is moved by hand, and adapters to it on the same clock. */
export const wialonHarness = async (
  changed: SimulatorOptions = {},
): Promise<
  RelayHarness & {
    readonly simulator: WialonSimulator;
    readonly sightings: readonly WialonSighting[];
  }
> => {
  const clock = manualClock();
  const simulator = await wialonSimulator({ clock, ...changed });
  const sightings: WialonSighting[] = [];
  let units = 1_000;
  const carried = (unit: number, action: RelayAction): number =>
    simulator.units
      .get(unit)
      ?.carried()
      .filter(({ type }) => type === COMMANDS[action]).length ?? 0;
  const device = async (manner: Manner): Promise<RelayDevice> => {
    units += 1;
    const id = units;
    const unit = simulator.add({ id, name: `unit ${id}`, ...MANNERS[manner] });
    if (manner === 'late') clock.after(LATE_MS, () => unit.change({ connection: 'online' }));
    return {
      to: { unit: String(id), output: 1, blocksWhenOn: true },
      given: (action) => carried(id, action),
      isBlocked: unit.isBlocked,
    };
  };
  return {
    simulator,
    sightings,
    open: async () =>
      wialonRelay({
        ...{ url: simulator.url, token: SIMULATED_TOKEN, clock },
        observe: (sighting) => sightings.push(sighting),
      }),
    device,
    now: () => instantOf(clock.now_ms()),
    advance: clock.advance,
    loseAnswer: ({ to }) => simulator.faults.add({ kind: 'reset_after', unit: Number(to.unit) }),
    byAnother: async ({ to }, action) => {
      const command = { type: COMMANDS[action], name: action, user: ANOTHER_USER };
      simulator.units.get(Number(to.unit))?.take({ ...command, queue_ms: 3_000 });
    },
    close: simulator.stop,
  };
};
