import { isLeft } from 'fp-ts/lib/Either.js';
import type { Relay, RelayOrder, RelayTrace } from '#commands/relay.ts';
import type { SendOutcome } from '#domain/immobilization/words.ts';
import { reasonCode } from './reasonCode.ts';

/** What sending came to, as it is written down. `again`: whether the same order may succeed later. */
interface Sent {
  readonly outcome: Exclude<SendOutcome, 'not_sent'>;
  readonly code: string | null;
  readonly again: boolean;
}

/** Gives an order to a relay, and answers with what is to be written down of it. */
export const sendOrder = async (relay: Relay | null, order: RelayOrder): Promise<Sent> => {
  if (relay === null) {
    return { outcome: 'not_delivered', code: 'relay_not_configured', again: false };
  }
  const sent = await relay.send(order)();
  if (!isLeft(sent)) return { outcome: 'accepted', code: null, again: false };
  const code = reasonCode(sent.left.reason);
  return sent.left.code === 'Ambiguous'
    ? { outcome: 'ambiguous', code, again: false }
    : { outcome: 'not_delivered', code, again: sent.left.again };
};

/** What a relay knows of an order; null: it cannot be asked now. */
export const traceOf = async (
  relay: Relay | null,
  question: Parameters<Relay['trace']>[0],
): Promise<RelayTrace | null> => {
  const traced = relay && (await relay.trace(question)());
  return traced === null || isLeft(traced) ? null : traced.right;
};
