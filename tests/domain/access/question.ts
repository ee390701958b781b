import type { Purpose } from '#domain/access/custody.ts';
import { decideAccess } from '#domain/access/decideAccess.ts';
import { AccessRules, builtInRules } from '#domain/access/rules.ts';
import type { LedgerFact } from '#domain/events.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { ann, noon } from '#tests/support/samples.ts';
import { goodDriver, history, takenVan } from './scene.ts';

/** What is otherwise than well. */
export interface Scene {
  readonly driver?: readonly LedgerFact[];
  readonly standing?: readonly LedgerFact[];
  readonly van?: readonly LedgerFact[] | null;
  readonly blocked?: boolean;
  readonly rules?: unknown;
  readonly purpose?: Purpose;
  readonly rest_s?: number | null;
  readonly when?: Moment;
}

/** From where on the events of each stream are numbered. */
export const DRIVER = 0x1000;
export const STANDING = 0x2000;
export const VAN = 0x3000;

/** The decision on Ann and the van she has since the morning, at noon; all is well but for what is told. */
export const decided = (scene: Scene = {}) => {
  const { driver = goodDriver, standing = [], van = takenVan, when = noon } = scene;
  const events = history(VAN, van ?? []);
  const blocked = scene.blocked
    ? ({ state: 'blocked', events: events.slice(0, 1) } as const)
    : ({ state: 'not_blocked', events: [] } as const);
  const { purpose = 'drive', rest_s = null } = scene;
  return decideAccess(
    {
      driver: history(DRIVER, driver),
      standing: history(STANDING, standing),
      vehicle: van && { events, blocked },
    },
    { driver: ann, purpose, localDate: when.localDate, rest_s },
    when.at,
    scene.rules === undefined ? builtInRules : AccessRules.parse(scene.rules),
  );
};

/** Codes with what they do, and the events that each rests on, as numbers of the scene. */
export const told = (scene: Scene) =>
  decided(scene).reasons.map(({ code, severity, events }) => [
    `${code} ${severity}`,
    ...events.map((id) => Number.parseInt(id.slice(-12), 16)),
  ]);
