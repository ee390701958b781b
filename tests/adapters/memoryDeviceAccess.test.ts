import { memoryDeviceAccess, memoryDevices } from '#adapters/memoryDeviceAccess.ts';
import { deviceAccessContract } from '#tests/contracts/deviceAccess.ts';

deviceAccessContract({
  name: 'in memory',
  start: async () => {
    const devices = memoryDevices();
    return {
      open: (clock_ms) => memoryDeviceAccess(devices, clock_ms),
      down: async () => {
        devices.up = false;
      },
      up: async () => {
        devices.up = true;
      },
      close: async () => {},
    };
  },
});
