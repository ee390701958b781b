import { z } from 'zod';
import { Label, Reference } from '#domain/kernel/fields.ts';
import { ParkId } from '#domain/kernel/ids.ts';
import { Currency } from '#domain/kernel/money.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { parkKey, subjects } from '#domain/kernel/subjects.ts';
import { DetectionSettings, WatchedFences } from './detection.ts';

export const ParkOpened = eventType({
  type: 'ParkOpened',
  about: 'A park began to keep vehicles. Its zone is the zone of this event.',
  data: z.strictObject({ park: ParkId, code: Reference, name: Label, currency: Currency }),
  subjects: ({ park }) => subjects(parkKey(park)),
});

export const ParkClosed = eventType({
  type: 'ParkClosed',
  about: 'A park keeps no more vehicles.',
  data: z.strictObject({ park: ParkId }),
  subjects: ({ park }) => subjects(parkKey(park)),
});

export const DetectionConfigured = eventType({
  type: 'DetectionConfigured',
  about:
    'From the time of this event on, detectors judge the vehicles of the park by these settings and watch these fences, instead of what held before. `digest` names the shape of a fence, which is kept outside of the log.',
  data: z.strictObject({ park: ParkId, settings: DetectionSettings, fences: WatchedFences }),
  subjects: ({ park }) => subjects(parkKey(park)),
});

export const parkEvents = [ParkOpened, ParkClosed, DetectionConfigured] as const;
export type ParkEvent = Fact<(typeof parkEvents)[number]>;
