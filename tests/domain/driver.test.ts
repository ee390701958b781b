import { describe, expect, it } from 'vitest';
import { driverDecider } from '#domain/drivers/driver.ts';
import type { DriverEvent } from '#domain/drivers/driverState.ts';
import {
  DriverClaimAbandoned,
  DriverDeactivated,
  DriverDetailsChanged,
  DriverDocumentRecorded,
  DriverDocumentWithdrawn,
  DriverMoved,
  DriverRated,
  DriverReactivated,
  DriverRegistered,
  FeedbackTopic,
  PeerFeedbackGiven,
} from '#domain/drivers/events.ts';
import { replay } from '#domain/kernel/decider.ts';
import { PiiClass } from '#domain/kernel/event.ts';
import { CommandId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { SubjectErased } from '#domain/privacy/events.ts';
import {
  ann,
  berlin,
  bob,
  day,
  digest,
  evening,
  instant,
  izmir,
  licence,
  moment,
  morning,
  noon,
  operation,
  piiDigest,
  uuid8,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(driverDecider);

const who = { driver: ann, park: berlin };
const name = [piiDigest('identity', 1), piiDigest('contact', 2)];
const newName = [piiDigest('identity', 3)];
const register = { type: 'RegisterDriver', ...who, operation, pii: name, when: morning } as const;
const registered = fact(DriverRegistered, morning, who, name);

const change = { type: 'ChangeDriverDetails', driver: ann, pii: newName, when: noon } as const;
const changed = fact(DriverDetailsChanged, noon, who, newName);

const paper = {
  document: licence,
  kind: 'licence',
  digest: digest(7),
  validFrom: day('2020-05-01'),
  expiresOn: day('2035-04-30'),
} as const;
const number = [piiDigest('document', 4)];
const file = {
  type: 'RecordDriverDocument',
  driver: ann,
  ...paper,
  pii: number,
  when: noon,
} as const;
const filed = fact(DriverDocumentRecorded, noon, { ...who, ...paper }, number);
const withdrawal = { document: licence, reason: 'revoked' };
const withdraw = {
  type: 'WithdrawDriverDocument',
  driver: ann,
  ...withdrawal,
  when: evening,
} as const;
const withdrawn = fact(DriverDocumentWithdrawn, evening, { ...who, ...withdrawal });

const deactivate = { type: 'DeactivateDriver', driver: ann, reason: 'left', when: noon } as const;
const deactivated = fact(DriverDeactivated, noon, { ...who, reason: 'left' });
const reactivate = { type: 'ReactivateDriver', driver: ann, when: evening } as const;
const reactivated = fact(DriverReactivated, evening, who);

const move = {
  type: 'MoveDriver',
  driver: ann,
  to: izmir,
  when: moment(noon.at, 'Europe/Istanbul'),
} as const;
const moved = fact(DriverMoved, move.when, { driver: ann, from: berlin, to: izmir });

const rate = { type: 'RateDriver', driver: ann, source: 'customer', score: 4, when: noon } as const;
const rated = fact(DriverRated, noon, { ...who, source: 'customer', score: 4 });
const opinion = { by: bob, score: 2, topics: [FeedbackTopic.enum.punctuality] };
const feedback = { type: 'GivePeerFeedback', driver: ann, ...opinion, when: noon } as const;
const feedbackGiven = fact(PeerFeedbackGiven, noon, { ...who, ...opinion });

const abandonment = { driver: ann, operation, reason: 'timed_out' };
const abandon = { type: 'AbandonClaim', ...abandonment, when: morning } as const;
const abandoned = fact(DriverClaimAbandoned, morning, abandonment);

const until = instant('2029-01-01T00:00:00.000Z');
const held = [{ class: PiiClass.enum.document, until }];
const erasure = { erased: [PiiClass.enum.contact], held };
const erase = { type: 'EraseDriver', driver: ann, ...erasure, when: evening } as const;
const subject = { kind: 'driver', id: ann } as const;
const erased = fact(SubjectErased, evening, { subject, ...erasure });

const fileOf = (...history: readonly DriverEvent[]) => replay(driverDecider, history);

describe('registering a driver', () => {
  it('opens a file', () => {
    given().when(register).yields(registered);
    const { at: registeredAt, zone } = morning;
    const rest = { park: berlin, zone, registeredAt, inactive: null, erasure: null };
    expect(fileOf(registered)).toMatchObject({ phase: 'registered', ...rest });
  });
  it('writes nothing when it comes again', () => given(registered).when(register).yields());
  it('takes no other park under the same id', () => {
    given(registered)
      .when({ ...register, park: izmir })
      .refuses('DriverAlreadyRegistered');
  });
  it('is refused to an operation that was abandoned', () =>
    given(abandoned).when(register).refuses('OperationAbandoned'));
  it('is open to another operation', () => {
    const other = CommandId.parse(uuid8(9));
    given(abandoned)
      .when({ ...register, operation: other })
      .yields(registered);
    const again = fact(DriverClaimAbandoned, noon, { ...abandonment, operation: other });
    expect(fileOf(abandoned, registered, again).abandoned).toEqual(new Set([operation, other]));
  });
  it.each([change, move, file, withdraw, rate, feedback, deactivate, reactivate, erase])(
    'comes before $type',
    (command) => given().when(command).refuses('DriverUnknown'),
  );
});

describe('abandoning a claim', () => {
  it('needs no driver', () => given().when(abandon).yields(abandoned));
  it('may happen to one', () => given(registered).when(abandon).yields(abandoned));
  it('happens once', () => {
    given(abandoned).when(abandon).yields();
    given(registered, abandoned).when(abandon).yields();
  });
});

describe('details of a driver', () => {
  it('change', () => given(registered).when(change).yields(changed));
  it('do not change twice', () => given(registered, changed).when(change).yields());
  it('do not change to what they are, or to nothing', () => {
    given(registered)
      .when({ ...change, pii: name })
      .yields();
    given(registered)
      .when({ ...change, pii: [] })
      .yields();
  });
});

describe('the park of a driver', () => {
  it('changes, and its zone with it', () => {
    given(registered).when(move).yields(moved);
    expect(fileOf(registered, moved)).toMatchObject({ park: izmir, zone: 'Europe/Istanbul' });
  });
  it('does not change to itself', () => given(registered, moved).when(move).yields());
  it('is named by what comes later', () => {
    given(registered, moved)
      .when(rate)
      .yields(fact(DriverRated, noon, { driver: ann, park: izmir, source: 'customer', score: 4 }));
  });
});

describe('documents of a driver', () => {
  it('are filed', () => given(registered).when(file).yields(filed));
  it('are filed once', () => {
    given(registered, filed)
      .when({ ...file, when: evening })
      .yields();
  });
  it.each([
    { ...file, kind: 'identity' as const },
    { ...file, digest: digest(8) },
    { ...file, validFrom: null },
    { ...file, expiresOn: day('2036-04-30') },
  ])('do not change under the same id', (other) =>
    given(registered, filed).when(other).refuses('DocumentAlreadyRecorded'),
  );
  it('do not expire before they are valid', () => {
    given(registered)
      .when({ ...file, expiresOn: day('2020-04-30') })
      .refuses('DocumentDatesReversed');
  });
  it.each([
    { validFrom: paper.validFrom, expiresOn: paper.validFrom },
    { validFrom: null, expiresOn: day('1999-01-01') },
    { validFrom: day('2030-01-01'), expiresOn: null },
  ])('may bear $validFrom to $expiresOn', (dates) => {
    given(registered)
      .when({ ...file, ...dates })
      .yields(fact(DriverDocumentRecorded, noon, { ...who, ...paper, ...dates }, number));
  });
  it('are withdrawn, and stay on file', () => {
    given(registered, filed).when(withdraw).yields(withdrawn);
    const { document: _, ...content } = paper;
    const documents = new Map([[licence, { ...content, withdrawn: true }]]);
    expect(fileOf(registered, filed, withdrawn)).toMatchObject({ documents });
  });
  it('are withdrawn once', () => given(registered, filed, withdrawn).when(withdraw).yields());
  it('are not put back by filing them again', () =>
    given(registered, filed, withdrawn).when(file).yields());
  it('must be on file to be withdrawn', () =>
    given(registered).when(withdraw).refuses('DocumentUnknown'));
});

describe('opinions of a driver', () => {
  it('are facts each', () => {
    given(registered).when(rate).yields(rated);
    given(registered, rated).when(rate).yields(rated);
    given(registered, feedbackGiven).when(feedback).yields(feedbackGiven);
  });
  it('are added up by who holds them', () => {
    const byOperator = fact(DriverRated, noon, { ...who, source: 'operator', score: 5 });
    const customer = { sum: 8, count: 2 };
    const ratings = { customer, peer: { sum: 2, count: 1 }, operator: { sum: 5, count: 1 } };
    expect(fileOf(registered, rated, rated, feedbackGiven, byOperator)).toMatchObject({ ratings });
  });
  it('name a topic once', () => {
    given(registered)
      .when({ ...feedback, topics: ['punctuality', 'punctuality'] })
      .yields(feedbackGiven);
  });
  it('are not one’s own', () => {
    given(registered)
      .when({ ...feedback, by: ann })
      .refuses('FeedbackOnOneself');
  });
});

describe('an inactive driver', () => {
  it('was deactivated', () => {
    given(registered).when(deactivate).yields(deactivated);
    const inactive = { reason: 'left', since: noon.at };
    expect(fileOf(registered, deactivated)).toMatchObject({ inactive });
  });
  it('is not deactivated twice', () => given(registered, deactivated).when(deactivate).yields());
  it('may get another reason', () => {
    given(registered, deactivated)
      .when({ ...deactivate, reason: 'conduct', when: evening })
      .yields(fact(DriverDeactivated, evening, { ...who, reason: 'conduct' }));
  });
  it('comes back', () => {
    given(registered, deactivated).when(reactivate).yields(reactivated);
    expect(fileOf(registered, deactivated, reactivated)).toMatchObject({ inactive: null });
  });
  it('comes back once', () => {
    given(registered).when(reactivate).yields();
    given(registered, deactivated, reactivated).when(reactivate).yields();
  });
});

describe('an erased driver', () => {
  it('was erased, but for what is held', () => {
    const known = { erased: new Set(['contact']), held };
    given(registered).when(erase).yields(erased);
    expect(fileOf(registered, erased)).toMatchObject({ erasure: known });
  });
  it('is not erased twice', () => given(registered, erased).when(erase).yields());
  it('is erased further when a period ends', () => {
    const rest = { erased: [PiiClass.enum.document], held: [] };
    const further = fact(SubjectErased, evening, { subject, ...rest });
    given(registered, erased)
      .when({ ...erase, ...rest })
      .yields(further);
    const known = { erased: new Set(['contact', 'document']), held: [] };
    expect(fileOf(registered, erased, further)).toMatchObject({ erasure: known });
  });
  it('is erased further while as much is held', () => {
    const more = [PiiClass.enum.contact, PiiClass.enum.identity];
    given(registered, erased)
      .when({ ...erase, erased: more })
      .yields(fact(SubjectErased, evening, { subject, erased: more, held }));
  });
  it('is held for longer', () => {
    const longer = [{ class: PiiClass.enum.document, until: instant('2031-01-01T00:00:00.000Z') }];
    given(registered, erased)
      .when({ ...erase, held: longer })
      .yields(fact(SubjectErased, evening, { subject, erased: erasure.erased, held: longer }));
  });
  it.each([change, file])('takes no personal data from $type', (command) => {
    given(registered, erased).when(command).refuses('DriverErased');
  });
  it('does not come back', () =>
    given(registered, deactivated, erased).when(reactivate).refuses('DriverErased'));
  it('may still be deactivated, and have a document withdrawn', () => {
    given(registered, erased).when(deactivate).yields(deactivated);
    given(registered, filed, erased).when(withdraw).yields(withdrawn);
  });
});
