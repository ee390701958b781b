import type { Listener } from '#ingest/ports.ts';

/**
 * What became of a message. `taken`: it is durable, as readings or in quarantine. `unavailable`,
 * `overloaded`: the intake did not take it, and its sender has been asked to send it again. `dropped`: not
 * taken, and its sender cannot be asked. `foreign`: in the name of a device that the sender is not.
 * `malformed`: nobody can tell whose it is. `too_large`: beyond the bounds of its listener. `fault`: the
 * intake threw, which is a bug.
 */
export type Outcome =
  | 'taken'
  | 'unavailable'
  | 'overloaded'
  | 'dropped'
  | 'foreign'
  | 'malformed'
  | 'too_large'
  | 'fault';

/**
 * Why a device was not let in, or not for longer. `refused`: by its secret, or by nobody knowing it.
 * `malformed`: it did not say who it is. `too_late`: it did not log in, or finish what it began, in time.
 * `revoked`: its secret no longer stands. `unavailable`: nobody could tell. `too_many`: no room. `too_often`:
 * it comes more often than it may.
 */
export type RefusedLogin =
  | 'refused'
  | 'malformed'
  | 'too_late'
  | 'revoked'
  | 'unavailable'
  | 'too_many'
  | 'too_often';

/** What listeners tell of themselves. Nothing in it names a device. */
export type Sighting =
  | { readonly type: 'connections'; readonly listener: Listener; readonly change: 1 | -1 }
  | { readonly type: 'message'; readonly listener: Listener; readonly outcome: Outcome }
  | { readonly type: 'login_refused'; readonly listener: Listener; readonly reason: RefusedLogin }
  | { readonly type: 'handed_over'; readonly listener: Listener; readonly ms: number }
  | { readonly type: 'broker'; readonly listener: 'mqtt'; readonly state: 'subscribed' | 'lost' }
  | { readonly type: 'fault'; readonly listener: Listener; readonly error: unknown };

/** Takes note of a sighting; never throws. */
export type Sight = (sighting: Sighting) => void;
