import { consider, parkOfDecision } from '#domain/access/consider.ts';
import { accessRulesName } from '#domain/access/rules.ts';
import {
  driverStream,
  rulesStream,
  standingStream,
  vehicleStream,
} from '#domain/kernel/streams.ts';
import { compared, type Retaker } from './retaker.ts';

/**
 * Takes a decision on a rental again: from the streams as far as it had seen them, at its own time and on its
 * own day. The park that decided and the rules that held are found anew, too.
 */
export const accessRetaker: Retaker = {
  type: 'AccessDecided',
  retake: async ({ id, tenant, fact }, read) => {
    if (fact.type !== 'AccessDecided') throw new Error(`event ${id} is no decision on access`);
    const { driver, vehicle, park, effect, verdict, reasons, rules, revisions, rest_s } = fact.data;
    const { at, localDate } = fact.when;
    const concerned = {
      driver: await read(driverStream(tenant, driver), revisions.driver),
      standing: await read(standingStream(tenant, driver), revisions.standing),
      vehicle: await read(vehicleStream(tenant, vehicle), revisions.vehicle),
    };
    const published = {
      tenant: await read(rulesStream(tenant, accessRulesName(null)), revisions.tenantRules),
      park: await read(rulesStream(tenant, accessRulesName(park)), revisions.parkRules),
    };
    const question = { driver, vehicle, purpose: effect, at, localDate, rest_s };
    const now = consider(concerned, published, question);
    return compared(
      { park, verdict, reasons, rules, revisions },
      { park: parkOfDecision(concerned, at) ?? park, ...now },
    );
  },
};
