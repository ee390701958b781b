import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#domain/kernel/decider.ts';
import { fact } from '#domain/kernel/registry.ts';
import { ParkClosed, ParkOpened, parkEvents } from '#domain/parks/events.ts';
import { type ParkCommand, parkDecider } from '#domain/parks/park.ts';
import { anyMoment, holdToLaws } from '#tests/support/arbitrary.ts';
import { berlin, euro, evening, lira, moment, morning, noon } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(parkDecider);

const content = { park: berlin, code: 'BER-1', name: 'Berlin Mitte', currency: euro };
const open = { type: 'OpenPark', ...content, when: morning } as const;
const close = { type: 'ClosePark', park: berlin, when: evening } as const;
const opened = fact(ParkOpened, morning, content);
const closed = fact(ParkClosed, evening, { park: berlin });

const anyCommand: fc.Arbitrary<ParkCommand> = fc.oneof(
  fc.record({
    type: fc.constant('OpenPark'),
    park: fc.constant(berlin),
    code: fc.constantFrom('BER-1', 'BER-2'),
    name: fc.constant('Berlin Mitte'),
    currency: fc.constantFrom(euro, lira),
    when: anyMoment,
  }),
  fc.record({ type: fc.constant('ClosePark'), park: fc.constant(berlin), when: anyMoment }),
);

describe('park', () => {
  it('opens', () => given().when(open).yields(opened));
  it('does not open twice', () => {
    given(opened)
      .when({ ...open, when: noon })
      .yields();
  });
  it.each([
    { ...open, code: 'BER-2' },
    { ...open, name: 'Berlin Wedding' },
    { ...open, currency: lira },
    { ...open, when: moment(morning.at, 'Europe/Istanbul') },
  ])('does not become another park by opening again', (other) => {
    given(opened).when(other).refuses('ParkAlreadyOpened');
  });
  it('closes', () => given(opened).when(close).yields(closed));
  it('does not close twice', () => given(opened, closed).when(close).yields());
  it('must exist to be closed', () => given().when(close).refuses('ParkUnknown'));
  it('does not open again once closed', () =>
    given(opened, closed).when(open).refuses('ParkClosed'));

  it('keeps zone and currency when it closes', () => {
    const zone = morning.zone;
    expect(replay(parkDecider, [opened])).toMatchObject({ phase: 'open', zone, currency: euro });
    expect(replay(parkDecider, [opened, closed])).toMatchObject({
      phase: 'closed',
      zone,
      currency: euro,
      since: evening.at,
    });
  });

  it('is total, idempotent and survives being stored, whatever one asks of it', () => {
    const seen = holdToLaws(parkDecider, anyCommand);
    expect(seen.events).toEqual(parkEvents.map(({ type }) => type).sort());
    expect(seen.refusals).toEqual(['ParkAlreadyOpened', 'ParkClosed', 'ParkUnknown']);
  });
});
