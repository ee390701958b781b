import { describe, it } from 'vitest';
import { telemetryContract } from '#tests/contracts/telemetryStore.ts';
import { telemetryHarness } from '#tests/support/telemetryHarness.ts';
import { timescaleHarness } from '#tests/support/timescaleHarness.ts';

const timescale = process.env['TIMESCALE_URL'];

telemetryContract({ name: 'on plain Postgres', start: () => telemetryHarness() });

if (timescale === undefined) {
  process.stderr.write(
    'SKIPPED: telemetry on TimescaleDB was NOT tested, since TIMESCALE_URL is not set.\n',
  );
  describe.skip('telemetry on TimescaleDB: NOT TESTED, TIMESCALE_URL is not set', () => {
    it('keeps the contract', () => {});
  });
} else {
  telemetryContract({ name: 'on TimescaleDB', start: timescaleHarness(timescale) });
}
