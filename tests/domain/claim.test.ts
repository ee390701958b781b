import fc from 'fast-check';
import { describe, it } from 'vitest';
import { type ClaimCommand, claimDecider } from '#domain/claims/claim.ts';
import { ClaimReleased, ClaimTaken } from '#domain/claims/events.ts';
import { CommandId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { vehicleStream } from '#domain/kernel/streams.ts';
import { assetKey } from '#domain/kernel/subjects.ts';
import { anyMoment, holdToLaws } from '#tests/support/arbitrary.ts';
import { acme, car, morning, noon, operation, uuid8, van } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(claimDecider);

const other = CommandId.parse(uuid8(0x99));
const byVan = {
  kind: 'vin',
  owner: vehicleStream(acme, van),
  operation,
  subject: assetKey(van),
} as const;
const byCar = {
  kind: 'vin',
  owner: vehicleStream(acme, car),
  operation: other,
  subject: assetKey(car),
} as const;
const take = { type: 'TakeClaim', ...byVan, over: null, when: morning } as const;
const taken = fact(ClaimTaken, morning, byVan);
const released = fact(ClaimReleased, noon, byVan);

describe('a claim', () => {
  it('is had by one', () => {
    given().when(take).yields(taken);
    given(taken).when(take).yields();
    given(taken)
      .when({ ...take, ...byCar })
      .refuses('ClaimHeld');
    given(taken)
      .when({ ...take, operation: other })
      .refuses('ClaimHeld');
  });

  it('is given back by whoever holds it', () => {
    given(taken).when({ type: 'ReleaseClaim', operation, when: noon }).yields(released);
    given(taken).when({ type: 'ReleaseClaim', operation: other, when: noon }).yields();
    given(taken, released)
      .when({ ...take, ...byCar, when: noon })
      .yields(fact(ClaimTaken, noon, byCar));
  });

  it('passes on from an operation that is over, and from no other', () => {
    given(taken)
      .when({ ...take, ...byCar, over: operation, when: noon })
      .yields(released, fact(ClaimTaken, noon, byCar));
    given(taken)
      .when({ ...take, ...byCar, over: other })
      .refuses('ClaimHeld');
  });

  it('is total, idempotent and survives being stored', () => {
    const anyCommand: fc.Arbitrary<ClaimCommand> = fc
      .tuple(
        anyMoment,
        fc.constantFrom(byVan, byCar),
        fc.constantFrom(null, operation, other),
        fc.boolean(),
      )
      .map(([when, holder, over, release]) =>
        release
          ? { type: 'ReleaseClaim', operation: holder.operation, when }
          : { type: 'TakeClaim', ...holder, over, when },
      );
    holdToLaws(claimDecider, anyCommand);
  });
});
