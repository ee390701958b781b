import { isLeft } from 'fp-ts/lib/Either.js';
import type { RulesRefusal } from '#domain/access/publishRules.ts';
import { type AccessRules, accessRulesName } from '#domain/access/rules.ts';
import type { ParkId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { accessRulesOf } from './aggregate.ts';
import { momentOf } from './localDate.ts';
import { openParkFor, type ParkRefused } from './vehicles.ts';
import { everywhere, type Outcome, type Request, submitAs, type Workspace } from './workspace.ts';

/** Publishes rules for a park that is open and in the caller's scope, or for the whole tenant. */
export const publishAccessRules =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: { readonly park: ParkId | null; readonly rules: AccessRules; readonly at: Instant },
  ): Outcome<string, RulesRefusal | ParkRefused> => {
    const { origin } = request;
    const { park, rules, at } = asked;
    const premises = park === null ? null : await openParkFor(workspace)(request, park);
    if (premises && isLeft(premises)) return premises;
    const name = accessRulesName(park);
    const when = momentOf(at, premises?.right.zone ?? workspace.platformZone);
    return submitAs(workspace)(name, {
      origin,
      aggregate: accessRulesOf(origin.tenant, name),
      command: { type: 'PublishAccessRules', park, rules, when },
      authorize: everywhere,
    })();
  };
