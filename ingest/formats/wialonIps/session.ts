import { type Either, isLeft, isRight, right } from 'fp-ts/lib/Either.js';
import { unreachable } from '#domain/kernel/decider.ts';
import { type DeviceIdent, isDeviceIdent } from '#domain/kernel/ids.ts';
import {
  type Context,
  type ElementReject,
  type Reading,
  type Reject,
  type RejectCode,
  reject,
} from '#ingest/formats/reading.ts';
import { type Answer, binaryRefusal, dataAnswer, plain } from './answers.ts';
import { type DataType, isDataType, readData } from './data.ts';
import { type Frame, LINE_MAX_BYTES, STRANGER_LINE_MAX_BYTES } from './framing.ts';
import { bodyOf, type Line, lineOf, type Version } from './line.ts';

/** Who wants to log in. `password` is null where the device sends none, or `NA`. */
export interface Login {
  readonly version: Version;
  readonly ident: DeviceIdent;
  readonly password: string | null;
}

/**
 * A connection of one device. `stranger`: nobody has logged in. `deciding`: somebody has asked to, and waits.
 * `open`: a device has been let in. `closed`: nothing more is heard.
 */
export type Session =
  | { readonly phase: 'stranger' }
  | { readonly phase: 'deciding'; readonly login: Login }
  | { readonly phase: 'open'; readonly version: Version; readonly ident: DeviceIdent }
  | { readonly phase: 'closed' };

/**
 * What a frame comes to. The listener keeps readings and rejects, then sends the one answer or the other
 * (null: the protocol has none for this), decides about a login by calling `decideLogin`, and hangs up if
 * the session is closed.
 */
export interface Turn {
  readonly session: Session;
  readonly readings: readonly Reading[];
  readonly rejects: readonly ElementReject[];
  readonly answer: Answer | null;
  readonly login: Login | null;
}

export const newSession: Session = { phase: 'stranger' };

const closed: Session = { phase: 'closed' };

const quiet = (session: Session): Turn => ({
  session,
  readings: [],
  rejects: [],
  answer: null,
  login: null,
});

const refused = (
  session: Session,
  code: RejectCode,
  answer: Answer | null,
  field: string | null = null,
): Turn => ({ ...quiet(session), rejects: [{ index: 0, code, field }], answer });

const VERSION = /^\d{1,2}\.\d{1,2}$/;
const SPOKEN = /^2\.[01]$/;

const loginOf = (version: Version, ident: string, password: string): Either<Reject, Login> => {
  if (!isDeviceIdent(ident)) return reject('LoginMalformed', 'imei');
  const told = password === '' || password === 'NA' ? null : password;
  return right({ version, ident, password: told });
};

/**
 * Who a login line names. With three fields before the checksum, the first of which looks like a version, it
 * is one of 2.0; an ident with a dot in it does not make it one. A single field is an ident without password.
 */
const readLogin = (line: Line): Either<Reject, Login> => {
  const [first = '', second = '', ...more] = line.body.toString('utf8').split(';');
  if (!VERSION.test(first) || more.length === 0) {
    return more.length > 0 ? reject('LoginMalformed') : loginOf('1.1', first, second);
  }
  const body = bodyOf(line, '2.0');
  if (isLeft(body)) return body;
  const [version = '', ident = '', password = '', ...surplus] = body.right
    .toString('utf8')
    .split(';');
  if (!SPOKEN.test(version) || surplus.length > 0) return reject('LoginMalformed', 'version');
  return loginOf('2.0', ident, password);
};

/**
 * A login. Whoever is refused is hung up on, except after a wrong checksum, which is a fault of the line and
 * may be tried again. One connection is one device: another name on an open one is refused.
 */
const login = (session: Session, line: Line): Turn => {
  const asked = readLogin(line);
  if (isLeft(asked)) {
    const { code, field } = asked.left;
    if (code === 'ChecksumWrong') return refused(session, code, plain('AL', '10'));
    return refused(closed, code, plain('AL', '0'), field);
  }
  if (session.phase === 'open' && session.ident !== asked.right.ident) {
    return refused(closed, 'IdentForeign', plain('AL', '0'), 'imei');
  }
  const deciding: Session = { phase: 'deciding', login: asked.right };
  return { ...quiet(deciding), login: asked.right };
};

/** The outcome of a login: let in, refused, or let down by the password. */
export const decideLogin = (
  session: Session,
  verdict: 'granted' | 'refused' | 'wrong_password',
): Turn => {
  if (session.phase !== 'deciding') return quiet(session);
  const { version, ident } = session.login;
  if (verdict === 'granted') {
    return { ...quiet({ phase: 'open', version, ident }), answer: plain('AL', '1') };
  }
  return { ...quiet(closed), answer: plain('AL', verdict === 'refused' ? '0' : '01') };
};

const data = (session: Session, line: Line, type: DataType, received_at_us: number): Turn => {
  if (session.phase !== 'open') {
    const answer = dataAnswer(type, reject('NotLoggedIn'));
    return refused(session, 'NotLoggedIn', answer);
  }
  const { version, ident } = session;
  const context: Context = { received_at_us, ident };
  const read = readData(line, type, { version, ident, context });
  const answer = dataAnswer(type, read);
  if (isRight(read)) return { ...quiet(session), ...read.right, answer };
  return refused(session, read.left.code, answer, read.left.field);
};

/** The line that announces a tachograph file: it is refused before the file comes. */
const TACHOGRAPH = 'IT';

const line = (session: Session, bytes: Buffer, received_at_us: number): Turn => {
  const found = lineOf(bytes);
  if (!found) return refused(session, 'FrameMalformed', null);
  if (isDataType(found.type)) return data(session, found, found.type, received_at_us);
  if (found.type === 'L') return login(session, found);
  if (found.type === 'P') return { ...quiet(session), answer: plain('AP', '') };
  const answer = found.type === TACHOGRAPH ? plain('AIT', '0') : null;
  return refused(session, 'FrameUnsupported', answer, found.type);
};

const binary = (session: Session, bytes: Buffer): Turn => {
  const found = lineOf(bytes);
  if (!found) return refused(session, 'FrameMalformed', null);
  const type = found.type === 'I' ? 'I' : 'T';
  const answer = binaryRefusal(type, found.body.toString('latin1'));
  return refused(session, 'FrameUnsupported', answer, type);
};

/** How long a line may be in this session: `take` asks. */
export const lineBound = ({ phase }: Session): number =>
  phase === 'open' ? LINE_MAX_BYTES : STRANGER_LINE_MAX_BYTES;

/**
 * The next frame of a connection, and what it comes to. Pure: the same session and frame come to the same.
 * While a login is being decided the listener takes no frames; should one come, it is turned away like a
 * stranger's. Wherever the stream cannot be followed any further, the session closes without an answer.
 */
export const advance = (session: Session, frame: Frame, received_at_us: number): Turn => {
  if (session.phase === 'closed') return refused(session, 'NotLoggedIn', null);
  switch (frame.type) {
    case 'line':
      return line(session, frame.bytes, received_at_us);
    case 'binary':
      return binary(session, frame.bytes);
    case 'broken':
      return refused(closed, frame.code, null);
    default:
      return unreachable(frame);
  }
};
