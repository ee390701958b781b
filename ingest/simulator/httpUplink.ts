import type { Answer, DeviceLogin, Uplink } from './uplink.ts';

const REQUEST_MAX_MS = 30_000;
const TOO_BUSY = new Set([429, 503]);

/** A device, or the server that forwards for it, which posts what it has to say with the device's token. */
export const httpUplink = (address: string, { token }: DeviceLogin): Uplink => {
  let cutting = new AbortController();
  const url = new URL('/api/v1/telemetry', address);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const post = async (body: Buffer): Promise<Answer> => {
    const signal = AbortSignal.any([cutting.signal, AbortSignal.timeout(REQUEST_MAX_MS)]);
    const reply = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body), signal });
    await reply.arrayBuffer();
    if (reply.ok) return 'acknowledged';
    return TOO_BUSY.has(reply.status) ? 'postponed' : 'refused';
  };
  return {
    send: (message) => post(message).catch(() => 'lost' as const),
    cut: () => {
      cutting.abort();
      cutting = new AbortController();
    },
    close: async () => {},
  };
};
