import { afterAll, beforeAll, describe } from 'vitest';
import { vaultErasingContract } from './vaultErasing.ts';
import type { VaultHarness } from './vaultHarness.ts';
import { vaultKeepingContract } from './vaultKeeping.ts';
import { vaultSweepingContract } from './vaultSweeping.ts';

/** What every vault must do. Every test has a tenant of its own. */
export const vaultContract = (subject: {
  readonly name: string;
  readonly start: () => Promise<VaultHarness>;
}): void => {
  describe(`the vault ${subject.name}`, () => {
    let started: VaultHarness | undefined;
    const harness = (): VaultHarness => {
      if (!started) throw new Error('the harness has not been started');
      return started;
    };
    beforeAll(async () => {
      started = await subject.start();
    });
    afterAll(() => started?.close());

    describe('keeping', () => vaultKeepingContract(harness));
    describe('erasing', () => vaultErasingContract(harness));
    describe('sweeping', () => vaultSweepingContract(harness));
  });
};
