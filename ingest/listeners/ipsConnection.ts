import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Either, isLeft, left } from 'fp-ts/lib/Either.js';
import type { Grant } from '#ingest/deviceAccess.ts';
import { datagramOf, wialonIps } from '#ingest/formats/wialonIps/datagram.ts';
import { type Frame, newFraming, push, take } from '#ingest/formats/wialonIps/framing.ts';
import {
  advance,
  decideLogin,
  type Login,
  lineBound,
  newSession,
  type Session,
  type Turn,
} from '#ingest/formats/wialonIps/session.ts';
import type { NotTaken, Stored } from '#ingest/ports.ts';
import { admit } from './admit.ts';
import { deliver, type ListenerParts, now_us } from './deliver.ts';
import type { RefusedLogin } from './sighting.ts';

const listener = 'ips_tcp';

/** What a connection may take, in time and in room. */
export interface IpsBounds {
  /** From the connection to a login that is let in. */
  readonly login_ms: number;
  /** From the first byte of a frame to its last. */
  readonly frame_ms: number;
  /** From one frame to the next; pings are frames. */
  readonly idle_ms: number;
  /** How long nothing more is read after something could not be kept. */
  readonly refused_pause_ms: number;
  /** How many frames of one device may wait for their answers. */
  readonly frames_waiting_max: number;
}

/** Answers that a device does not read are kept up to here; then it is hung up on. */
const ANSWERS_UNREAD_MAX_BYTES = 64 * 1024;
const FAREWELL_MS = 5_000;

/** A connection as its server sees it. */
export interface IpsConnection {
  /** Hangs up if something takes longer than it may. */
  readonly look: (at_ms: number) => void;
  /** Hangs up at once. */
  readonly hangUp: (reason: RefusedLogin | null) => void;
  /** Reads no more, lets what is being kept be answered, and hangs up. */
  readonly finish: () => Promise<void>;
}

interface Events {
  /** The device has proved who it is. */
  readonly granted: (grant: Grant) => void;
}

/**
 * One device on a connection of Wialon IPS: every frame with readings or rejects is handed over first and
 * answered when it is durable, or answered as not registered. Several frames may be on their way at once,
 * their answers go out in the order in which they came. As long as it waits, nothing is read.
 */
export const ipsConnection = (
  parts: ListenerParts,
  bounds: IpsBounds,
  socket: Socket,
  { granted }: Events,
): IpsConnection => {
  const opened_ms = Date.now();
  let framing = newFraming;
  let session: Session = newSession;
  let grant: Grant | null = null;
  let begun_ms = opened_ms;
  let framed_ms = opened_ms;
  let waiting = 0;
  let quiet_until_ms = 0;
  let closing_ms: number | null = null;
  let answers: Promise<void> = Promise.resolve();
  let pumped: Promise<void> = Promise.resolve();

  const hangUp = (reason: RefusedLogin | null): void => {
    if (reason !== null && !socket.destroyed)
      parts.sight({ type: 'login_refused', listener, reason });
    socket.destroy();
  };

  const say = (text: string | null): void => {
    if (text === null || !socket.writable) return;
    socket.write(text);
    if (socket.writableLength > ANSWERS_UNREAD_MAX_BYTES) hangUp('too_late');
  };

  /** Answers when `text` is there, after everything that came before has been answered. */
  const sayInTurn = (text: Promise<string | null>): void => {
    waiting += 1;
    answers = answers.then(async () => {
      say(await text);
      waiting -= 1;
    });
  };

  /** Keeps what a frame brought, if the device may still speak. */
  const keep = async (
    by: Grant,
    turn: Turn,
    raw: Buffer,
  ): Promise<Either<NotTaken | 'revoked', Stored>> => {
    const stands = await parts.access.stands(by)();
    if (isLeft(stands)) return left(stands.left);
    if (!stands.right) return left('revoked');
    const { readings, rejects } = turn;
    const { tenant, ident } = by;
    const from = { tenant, ident, listener, format: wialonIps.name } as const;
    return deliver(parts)({ ...from, received_at_us: now_us(), readings, rejects, raw });
  };

  const keepAndAnswer = async (by: Grant, turn: Turn, raw: Buffer): Promise<string | null> => {
    const kept = await keep(by, turn, raw);
    if (!isLeft(kept)) return turn.answer?.stored ?? null;
    if (kept.left === 'revoked') {
      hangUp('revoked');
      return null;
    }
    quiet_until_ms = Date.now() + bounds.refused_pause_ms;
    return turn.answer?.unstored ?? null;
  };

  const logIn = async ({ ident, password }: Login): Promise<void> => {
    socket.pause();
    const verdict = await admit(parts)(listener, { ident, secret: password ?? '' });
    if (isLeft(verdict) && verdict.left.code !== 'DeviceRefused') {
      // No answer of the protocol says "later", and a refusal might be taken for the last word.
      hangUp(null);
      return;
    }
    // Whether the name or the password was wrong is nobody's business.
    const turn = decideLogin(session, isLeft(verdict) ? 'wrong_password' : 'granted');
    session = turn.session;
    if (!isLeft(verdict)) {
      grant = verdict.right;
      granted(verdict.right);
    }
    sayInTurn(Promise.resolve(turn.answer?.stored ?? null));
  };

  const rawOf = (by: Grant, before: Session, frame: Frame): Buffer =>
    datagramOf({ version: before.phase === 'open' ? before.version : '1.1', ...by }, frame.bytes);

  const step = async (frame: Frame): Promise<void> => {
    const before = session;
    const turn = advance(session, frame, now_us());
    session = turn.session;
    if (turn.login) return logIn(turn.login);
    if (turn.readings.length + turn.rejects.length === 0) {
      sayInTurn(Promise.resolve(turn.answer?.stored ?? null));
    } else if (grant === null) {
      parts.sight({ type: 'login_refused', listener, reason: 'malformed' });
      sayInTurn(Promise.resolve(turn.answer?.stored ?? null));
    } else {
      sayInTurn(keepAndAnswer(grant, turn, rawOf(grant, before, frame)));
    }
  };

  /** Waits as long as no further frame may be taken. */
  const holdBack = async (): Promise<void> => {
    if (waiting >= bounds.frames_waiting_max) {
      socket.pause();
      await answers;
    }
    const quiet_ms = quiet_until_ms - Date.now();
    if (quiet_ms > 0) {
      socket.pause();
      await sleep(quiet_ms, undefined, { ref: false });
    }
  };

  const partWays = async (): Promise<void> => {
    closing_ms ??= Date.now();
    socket.pause();
    await answers;
    socket.end();
  };

  const pump = async (): Promise<void> => {
    while (!socket.destroyed && closing_ms === null) {
      await holdBack();
      const taken = take(framing, lineBound(session));
      framing = taken.framing;
      if (taken.frame === null) break;
      framed_ms = Date.now();
      begun_ms = framed_ms;
      await step(taken.frame);
      if (session.phase === 'closed') await partWays();
    }
    if (closing_ms === null) socket.resume();
  };

  const failed = (error: unknown): void => {
    parts.sight({ type: 'fault', listener, error });
    hangUp(null);
  };

  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    if (framing.bytes === 0 && framing.passing === null) begun_ms = Date.now();
    framing = push(framing, chunk);
    pumped = pumped.then(pump).catch(failed);
  });
  // A device that has said all may still wait for its answers.
  socket.on('end', () => {
    pumped = pumped.then(partWays).catch(failed);
  });

  return {
    look: (at_ms) => {
      if (closing_ms !== null) {
        if (at_ms > closing_ms + FAREWELL_MS) hangUp(null);
        return;
      }
      if (waiting > 0 || at_ms < quiet_until_ms) return;
      if (grant === null) {
        if (at_ms > opened_ms + bounds.login_ms) hangUp('too_late');
      } else if (framing.bytes > 0 || framing.passing !== null) {
        if (at_ms > begun_ms + bounds.frame_ms) hangUp('too_late');
      } else if (at_ms > framed_ms + bounds.idle_ms) hangUp(null);
    },
    hangUp,
    finish: partWays,
  };
};
