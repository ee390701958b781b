import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '#tests/support/serverProcess.ts';
import { portOf, startedFleet } from '#tests/support/startedFleet.ts';

const VEHICLES = 4;
/** Twenty minutes of life in four seconds: time enough for every vehicle to set off. */
const PACE = ['--vehicles', String(VEHICLES), '--speed-up', '300', '--duration', '4s'];
const MISCHIEF = ['--bursts', '0.02', '--duplicates', '0.1', '--late', '0.1', '--broken', '0.05'];
const ROWS_MIN = 50;

const figuresIn = (line: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...line.matchAll(/(\w+) (\d+)/g)].map(([, name = '', value]) => [name, Number(value)]),
  );

describe('the simulator, against the whole product', () => {
  it('drives a fleet in every format, and finds its vehicles again when it is run once more', async () => {
    const fleet = await startedFleet({ MQTT_PORT: '0', IPS_PORT: '0' });
    onTestFinished(async () => {
      await fleet.first.terminate();
      await fleet.close();
    });
    const mqtt = `mqtt://127.0.0.1:${await portOf(fleet.first, 'mqtt')}`;
    const ips = `127.0.0.1:${await portOf(fleet.first, 'ips_tcp')}`;
    const where = ['--url', fleet.first.address, '--mqtt', mqtt, '--ips', ips];
    const run = (format: string) => {
      const argv = [...where, '--token', fleet.token, '--format', format, '--seed', format];
      return runProgram('simulate.ts', {}, ...argv, ...PACE, ...MISCHIEF);
    };
    const runs = await Promise.all(['flespi', 'ips', 'traccar'].map(run));
    const again = await run('flespi');
    for (const { code, stdout, stderr } of [...runs, again]) {
      expect([code, stderr]).toEqual([0, '']);
      const { sent = 0, ...figures } = figuresIn(stdout.trim().split('\n').at(-1) ?? '');
      expect(sent).toBeGreaterThan(ROWS_MIN);
      expect(figures).toMatchObject({ lost: 0, dropped: 0 });
      expect((figures['acknowledged'] ?? 0) + (figures['refused'] ?? 0)).toBe(sent);
    }
    const heard = await fleet.heard();
    expect(heard).toHaveLength(3 * VEHICLES);
    const rows = (await Promise.all(heard.map(fleet.rowsOf))).flat();
    const by = (format: string) => rows.filter(({ ident }) => ident.startsWith(`sim-${format}-`));
    for (const format of ['flespi', 'ips', 'traccar']) {
      const told = by(format);
      expect(told.length).toBeGreaterThan(ROWS_MIN);
      expect(told.some(({ speed_kmh }) => (speed_kmh ?? 0) > 40)).toBe(true);
      expect(told.some(({ buffered }) => buffered)).toBe(true);
    }
    for (const format of ['ips', 'traccar']) {
      const moments = by(format).map(({ ident, device_time_us }) => `${ident} ${device_time_us}`);
      expect(new Set(moments).size).toBe(moments.length);
    }
    expect(figuresIn(runs[1]?.stdout.trim().split('\n').at(-1) ?? '')['refused']).toBeGreaterThan(
      0,
    );
  }, 120_000);
});
