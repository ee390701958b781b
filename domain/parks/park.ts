import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { ParkId } from '#domain/kernel/ids.ts';
import type { Instant, Moment, Zone } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import { ParkClosed, type ParkEvent, ParkOpened } from './events.ts';

interface OpenPark {
  readonly type: 'OpenPark';
  readonly park: ParkId;
  readonly code: string;
  readonly name: string;
  readonly currency: Currency;
  readonly when: Moment;
}

/** What one may ask of a park. The zone of the moment it opens is the park's zone from then on. */
export type ParkCommand =
  | OpenPark
  | { readonly type: 'ClosePark'; readonly park: ParkId; readonly when: Moment };

/** Why a park may say no: it is not there, it was opened as something else, or it is closed for good. */
export type ParkRefusal =
  | { readonly code: 'ParkUnknown'; readonly park: ParkId }
  | { readonly code: 'ParkAlreadyOpened'; readonly park: ParkId }
  | { readonly code: 'ParkClosed'; readonly park: ParkId; readonly since: Instant };

interface Premises {
  readonly code: string;
  readonly name: string;
  readonly zone: Zone;
  readonly currency: Currency;
}

/** What is known of a park. A closed one keeps its zone and currency: old facts still refer to them. */
export type ParkState =
  | { readonly phase: 'unknown' }
  | (Premises & { readonly phase: 'open' })
  | (Premises & { readonly phase: 'closed'; readonly since: Instant });

type Decision = Either<ParkRefusal, readonly ParkEvent[]>;
const nothing: Decision = right([]);

const isAsOpened = ({ code, name, currency, when }: OpenPark, premises: Premises): boolean =>
  code === premises.code &&
  name === premises.name &&
  currency === premises.currency &&
  when.zone === premises.zone;

const open = (command: OpenPark, state: ParkState): Decision => {
  const { park, code, name, currency, when } = command;
  switch (state.phase) {
    case 'unknown':
      return right([fact(ParkOpened, when, { park, code, name, currency })]);
    case 'open':
      return isAsOpened(command, state) ? nothing : left({ code: 'ParkAlreadyOpened', park });
    case 'closed':
      return left({ code: 'ParkClosed', park, since: state.since });
    default:
      return unreachable(state);
  }
};

const decide = (command: ParkCommand, state: ParkState): Decision => {
  switch (command.type) {
    case 'OpenPark':
      return open(command, state);
    case 'ClosePark': {
      const { park, when } = command;
      if (state.phase === 'unknown') return left({ code: 'ParkUnknown', park });
      return state.phase === 'closed' ? nothing : right([fact(ParkClosed, when, { park })]);
    }
    default:
      return unreachable(command);
  }
};

const evolve = (state: ParkState, event: ParkEvent): ParkState => {
  switch (event.type) {
    case 'ParkOpened': {
      const { code, name, currency } = event.data;
      return { phase: 'open', code, name, currency, zone: event.when.zone };
    }
    case 'ParkClosed':
      return state.phase === 'unknown'
        ? state
        : { ...state, phase: 'closed', since: event.when.at };
    default:
      return unreachable(event);
  }
};

/** One park, from its opening to its closing. */
export const parkDecider: Decider<ParkCommand, ParkEvent, ParkState, ParkRefusal> = {
  initial: { phase: 'unknown' },
  decide,
  evolve,
};
