import { memoryVault, memoryVaultData } from '#adapters/memoryVault.ts';
import { DEFAULT_RETENTION_DAYS } from '#adapters/retention.ts';
import { vaultContract } from '#tests/contracts/vault.ts';

vaultContract({
  name: 'in memory',
  start: async () => {
    const data = memoryVaultData();
    const logged = new Set<string>();
    return {
      open: (retention_days = DEFAULT_RETENTION_DAYS) =>
        memoryVault(data, { isLogged: async () => logged, retention_days }),
      log: (event) => logged.add(event),
      down: async () => {
        data.up = false;
      },
      up: async () => {
        data.up = true;
      },
      close: async () => {},
    };
  },
});
