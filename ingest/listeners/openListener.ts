import { once } from 'node:events';
import type { Server } from 'node:net';
import type { DeviceLine } from '#ingest/deviceLine.ts';

/**
 * A listener that listens. `stop` lets what is being kept be answered, within bounds, and lets go. `line`: a
 * way back to its devices, where it has one.
 */
export interface OpenListener {
  readonly port: number;
  readonly line?: DeviceLine;
  readonly stop: () => Promise<void>;
}

/** Has a server listen, and says at which port. Fails if it cannot. */
export const listen = async (
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number> => {
  server.listen({ host, port });
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
};
