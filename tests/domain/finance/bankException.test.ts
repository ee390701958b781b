import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BankExceptionNoted, BankExceptionSettled } from '#domain/finance/bank/events.ts';
import { type ExceptionCommand, exceptionDecider } from '#domain/finance/bank/exception.ts';
import { ActorId, BankExceptionId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { holdToLaws } from '#tests/support/arbitrary.ts';
import { day, digest, money, morning, noon, uuid8 } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(exceptionDecider);
const exception = BankExceptionId.parse(uuid8(1));
const user = ActorId.parse(uuid8(2));
const line = { code: 'PaymentUnknown', direction: 'credit', ref: null } as const;
const told = { on: day('2026-03-02'), amount: money('500') };
const said = { exception, statement: digest(1), ...line, ...told };
const noted = fact(BankExceptionNoted, morning, said);
const settled = fact(BankExceptionSettled, noon, { exception, reason: 'known_payer', user });
const note = { type: 'NoteException', said, when: morning } as const;
const settle = {
  ...{ exception, reason: 'known_payer', user, when: noon },
  type: 'SettleException',
} as const;

describe('a line of a bank statement that fits nothing', () => {
  it('is noted once and settled once', () => {
    given().when(settle).refuses('BankExceptionUnknown');
    given().when(note).yields(noted);
    given(noted).when(note).yields();
    given(noted).when(settle).yields(settled);
    given(noted, settled).when(settle).yields();
    given(noted, settled).when(note).yields();
  });

  it('holds to the laws', () => {
    const seen = holdToLaws(exceptionDecider, fc.constantFrom<ExceptionCommand>(note, settle));
    expect(seen.events).toEqual(['BankExceptionNoted', 'BankExceptionSettled']);
  });
});
