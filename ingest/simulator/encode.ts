import { z } from 'zod';
import { unreachable } from '#domain/kernel/decider.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { blackBoxFrame, dataFrame } from '#ingest/formats/wialonIps/encode.ts';
import { flespiMessage } from './encodeFlespi.ts';
import { forwardedMessage } from './encodeTraccar.ts';

/** How simulated devices speak: flespi over MQTT, Wialon IPS over TCP, Traccar's forwarder over HTTP. */
export const WireShape = z.enum(['flespi', 'ips', 'traccar']);
export type WireShape = z.infer<typeof WireShape>;

const IPS_VERSION = '2.0';

/** One object where there is one reading, and a list where there are several. */
const json = (elements: readonly unknown[]): Buffer =>
  Buffer.from(JSON.stringify(elements.length === 1 ? elements[0] : elements));

/**
 * Readings as one message. In Wialon IPS several of them are a black box, which says of all of them that they
 * were kept back; each shape's own file says what it rounds.
 */
export const encoded =
  (shape: WireShape) =>
  (readings: readonly Reading[]): Buffer => {
    switch (shape) {
      case 'flespi':
        return json(readings.map(flespiMessage));
      case 'traccar':
        return json(readings.map(forwardedMessage));
      case 'ips': {
        const [only] = readings;
        return only && readings.length === 1 && !only.buffered
          ? dataFrame(IPS_VERSION, only)
          : blackBoxFrame(IPS_VERSION, readings);
      }
      default:
        return unreachable(shape);
    }
  };
