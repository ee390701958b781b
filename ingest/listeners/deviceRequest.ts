import type { FastifyRequest } from 'fastify';
import type { Grant } from '#ingest/deviceAccess.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The device that asks; null on every route but those of devices. */
    device: Grant | null;
  }
}

/** The device that asks. Where nobody was let in, asking is a bug. */
export const deviceOf = ({ device }: FastifyRequest): Grant => {
  if (device === null) throw new Error('nobody was let in');
  return device;
};
