import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rulesAt } from '#domain/access/consider.ts';
import { AccessRulesPublished } from '#domain/access/events.ts';
import { rulesDecider } from '#domain/access/publishRules.ts';
import { AccessRules, builtInRules, ReasonCode } from '#domain/access/rules.ts';
import { fact } from '#domain/kernel/registry.ts';
import { anyMoment, holdToLaws } from '#tests/support/arbitrary.ts';
import { berlin, evening, money, morning, noon } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';
import { history } from './scene.ts';

const { given } = spec(rulesDecider);
const strict = AccessRules.parse({ effects: { licence_expired: 'denies' } });
const mild = AccessRules.parse({ effects: { licence_expired: 'ignored' } });
const publish = { type: 'PublishAccessRules', park: null, rules: strict, when: noon } as const;
const ofTenant = { scope: 'tenant', park: null } as const;
const ofBerlin = { scope: 'park', park: berlin } as const;
const first = fact(AccessRulesPublished, noon, { ...ofTenant, version: 1, rules: strict });
const second = fact(AccessRulesPublished, evening, { ...ofTenant, version: 2, rules: mild });
const own = fact(AccessRulesPublished, evening, { ...ofBerlin, version: 1, rules: builtInRules });

describe('rules of access', () => {
  it('count their versions', () => {
    given().when(publish).yields(first);
    given(first)
      .when({ ...publish, rules: mild, when: evening })
      .yields(second);
    given()
      .when({ ...publish, ...ofBerlin, rules: builtInRules, when: evening })
      .yields(own);
  });

  it('are not published twice, nor behind newer ones', () => {
    given(first)
      .when({ ...publish, when: evening })
      .yields();
    given(first, second).when(publish).refuses('RulesOutdated');
  });

  it('hold from their time on, a park’s own before the tenant’s before the built-in ones', () => {
    const published = { tenant: history(1, [first, second]), park: history(10, [own]) };
    expect(rulesAt(published, morning.at)).toMatchObject({
      inForce: { scope: 'built_in', park: null, version: 0 },
      rules: builtInRules,
      since: null,
    });
    expect(rulesAt(published, noon.at)).toMatchObject({
      inForce: { scope: 'tenant', version: 1 },
      rules: strict,
      event: published.tenant[0]?.id,
    });
    expect(rulesAt({ ...published, park: [] }, evening.at).inForce.version).toBe(2);
    expect(rulesAt(published, evening.at).inForce).toEqual({ ...ofBerlin, version: 1 });
  });

  it('have one limit a currency, and nothing that nobody knows', () => {
    const twice = { arrears_max: [money('1'), money('2')] };
    expect(AccessRules.safeParse(twice).success).toBe(false);
    expect(AccessRules.safeParse({ effects: { weather: 'denies' } }).success).toBe(false);
    expect(Object.keys(builtInRules.effects)).toEqual(ReasonCode.options);
  });

  it('obey the laws', () => {
    const seen = holdToLaws(
      rulesDecider,
      fc.record({
        type: fc.constant('PublishAccessRules'),
        park: fc.constant(null),
        rules: fc.constantFrom(strict, mild, builtInRules),
        when: anyMoment,
      }),
    );
    expect(seen).toEqual({ events: ['AccessRulesPublished'], refusals: ['RulesOutdated'] });
  });
});
