import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { ParkId } from '#domain/kernel/ids.ts';
import type { Instant, Moment, Zone } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  type Detection,
  type DetectionSettings,
  detectionAt,
  type WatchedFences,
} from './detection.ts';
import { DetectionConfigured, ParkClosed, type ParkEvent, ParkOpened } from './events.ts';

interface OpenPark {
  readonly type: 'OpenPark';
  readonly park: ParkId;
  readonly code: string;
  readonly name: string;
  readonly currency: Currency;
  readonly when: Moment;
}

interface ConfigureDetection {
  readonly type: 'ConfigureDetection';
  readonly park: ParkId;
  readonly settings: DetectionSettings;
  readonly fences: WatchedFences;
  readonly when: Moment;
}

/**
 * What one may ask of a park. The zone of the moment it opens is the park's zone from then on; `when` of
 * ConfigureDetection is from when the settings hold, which may be long ago.
 */
export type ParkCommand =
  | OpenPark
  | ConfigureDetection
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
  readonly detection: readonly Detection[];
}

/** What is known of a park. A closed one keeps its zone and currency: old facts still refer to them. */
export type ParkState =
  | { readonly phase: 'unknown' }
  | (Premises & { readonly phase: 'open' })
  | (Premises & { readonly phase: 'closed'; readonly since: Instant });

type Decision = Either<ParkRefusal, readonly ParkEvent[]>;
const nothing: Decision = right([]);

/**
 * How detectors judge the vehicles of a park, ordered by time; of two for the same instant the one that
 * became known last is the later. Before the first, and where there is none, the defaults hold.
 */
export const detectionOf = (state: ParkState): readonly Detection[] =>
  state.phase === 'unknown' ? [] : state.detection;

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

/** Says what holds from an instant on; what holds then anyway is not said again. */
const configure = (command: ConfigureDetection, state: ParkState): Decision => {
  const { park, settings, fences, when } = command;
  if (state.phase === 'unknown') return left({ code: 'ParkUnknown', park });
  if (state.phase === 'closed') return left({ code: 'ParkClosed', park, since: state.since });
  const held = detectionAt(state.detection, when.at);
  const said = { settings, fences };
  const isSame =
    held !== null &&
    canonicalJson(said) === canonicalJson({ settings: held.settings, fences: held.fences });
  return isSame ? nothing : right([fact(DetectionConfigured, when, { park, ...said })]);
};

/** A sequence ordered by time, with one more behind all that are not later. */
const withDetection = (
  sequence: readonly Detection[],
  detection: Detection,
): readonly Detection[] => {
  const later = sequence.findIndex(({ from }) => from > detection.from);
  const place = later === -1 ? sequence.length : later;
  return sequence.toSpliced(place, 0, detection);
};

const decide = (command: ParkCommand, state: ParkState): Decision => {
  switch (command.type) {
    case 'OpenPark':
      return open(command, state);
    case 'ConfigureDetection':
      return configure(command, state);
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
      return { phase: 'open', code, name, currency, zone: event.when.zone, detection: [] };
    }
    case 'ParkClosed':
      return state.phase === 'unknown'
        ? state
        : { ...state, phase: 'closed', since: event.when.at };
    case 'DetectionConfigured': {
      if (state.phase === 'unknown') return state;
      const { settings, fences } = event.data;
      const detection = { from: event.when.at, settings, fences };
      return { ...state, detection: withDetection(state.detection, detection) };
    }
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
