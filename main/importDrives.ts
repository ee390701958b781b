import { readFile } from 'node:fs/promises';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { DriverId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { Zone } from '#domain/kernel/instant.ts';
import { importDrive } from '#ingest/drives/importDrive.ts';
import { commandLineRequest } from './commandLine.ts';
import type { OpenLedger } from './openLedger.ts';
import { progressBar } from './progressBar.ts';

interface Asked {
  readonly files: readonly string[];
  readonly tenant: Tenant;
  readonly vehicle: VehicleId;
  readonly driver: DriverId;
  readonly zone: Zone;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
}

/** Brings recorded drives into the ledger, in the order of their names, and says what each came to. */
export const importDrives = async (
  { ledger }: Pick<OpenLedger, 'ledger'>,
  { files, tenant, vehicle, driver, zone, say, complain }: Asked,
): Promise<void> => {
  const bar = progressBar('drives');
  for (const [index, file] of files.toSorted().entries()) {
    const bytes = await readFile(file);
    const asked = { bytes, vehicle, driver, zone };
    const imported = await importDrive(ledger)(
      commandLineRequest(tenant, { content: file, role: 'import' }),
      asked,
    );
    bar.count(index + 1, files.length);
    if (isLeft(imported)) {
      complain(`${file}: ${imported.left.code}`);
      continue;
    }
    const { summary, added, rejected } = imported.right;
    const { distance_m, max_speed_kmh, over_limit_s } = summary.report;
    say(
      `${file}: ${summary.at} to ${summary.endedAt}, ${(distance_m / 1_000).toFixed(2)} km, top ${max_speed_kmh} km/h, ` +
        `${over_limit_s} s above the limit in ${summary.speedings.length} violations; ${added} events added`,
    );
    for (const { line, reason } of rejected) say(`  line ${line} set aside: ${reason}`);
  }
  bar.stop();
};
