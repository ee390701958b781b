import { right } from 'fp-ts/lib/Either.js';
import { digestOf } from '#commands/digest.ts';
import type { FenceShapes } from '#commands/ports.ts';
import type { Fence } from '#domain/parks/fence.ts';

/** The shapes of fences, for as long as the process lives. */
export const memoryFenceShapes = (): FenceShapes => {
  const kept = new Map<string, Fence>();
  return {
    keep: (tenant, shapes) => async () => {
      for (const shape of shapes) kept.set(`${tenant} ${digestOf(shape)}`, shape);
      return right(shapes.map((shape) => digestOf(shape)));
    },
    read: (tenant, digests) => async () =>
      right(
        new Map(
          digests.flatMap((digest) => {
            const shape = kept.get(`${tenant} ${digest}`);
            return shape ? [[digest, shape] as const] : [];
          }),
        ),
      ),
  };
};
