import type { Frame } from '#ingest/formats/wialonIps/framing.ts';
import { newFraming, push, take } from '#ingest/formats/wialonIps/framing.ts';
import {
  advance,
  decideLogin,
  lineBound,
  newSession,
  type Session,
  type Turn,
} from '#ingest/formats/wialonIps/session.ts';
import { anybody } from '#tests/ingest/formats/support.ts';

const { received_at_us } = anybody;

/** A line of the protocol as bytes, with its end. */
export const lineBytes = (...lines: readonly string[]): Buffer =>
  Buffer.from(lines.map((line) => `${line}\r\n`).join(''));

/** The frames of a stream that comes in these pieces, and what waits at its end. */
export const framesOf = (chunks: readonly Buffer[], bound: number) => {
  const frames: Frame[] = [];
  let framing = newFraming;
  for (const chunk of chunks) {
    framing = push(framing, chunk);
    for (;;) {
      const taken = take(framing, bound);
      framing = taken.framing;
      if (!taken.frame) break;
      frames.push(taken.frame);
    }
  }
  return { frames, framing };
};

/** What a device and we say to each other over a connection on which every login gets the same verdict. */
export const converse = (
  chunks: readonly Buffer[],
  verdict: 'granted' | 'refused' | 'wrong_password' = 'granted',
): { readonly session: Session; readonly turns: readonly Turn[] } => {
  const turns: Turn[] = [];
  let session = newSession;
  let framing = newFraming;
  for (const chunk of chunks) {
    framing = push(framing, chunk);
    for (;;) {
      const taken = take(framing, lineBound(session));
      framing = taken.framing;
      if (!taken.frame) break;
      const turn = advance(session, taken.frame, received_at_us);
      turns.push(turn);
      session = turn.session;
      if (!turn.login) continue;
      const decided = decideLogin(session, verdict);
      turns.push(decided);
      session = decided.session;
    }
  }
  return { session, turns };
};

/** The answers of a conversation, as they are when everything could be kept. */
export const answersOf = (turns: readonly Turn[]): readonly string[] =>
  turns.flatMap(({ answer }) => (answer ? [answer.stored.trimEnd()] : []));
