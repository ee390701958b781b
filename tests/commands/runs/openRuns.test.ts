import { describe, expect, it } from 'vitest';
import { changeDriverBankAccount } from '#commands/drivers.ts';
import { registerParty } from '#commands/investors/parties.ts';
import { orderPayments } from '#commands/runs/orderPayments.ts';
import { postRun, proposeRun, reverseRun } from '#commands/runs/runs.ts';
import { onRun, runAsItIs } from '#commands/runs/slot.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { Period } from '#domain/finance/period.ts';
import type { PartyId, RunId } from '#domain/kernel/ids.ts';
import { allEvents, leftOf, requestOf, rightOf, springMorning } from '#tests/support/ledger.ts';
import { acme, money } from '#tests/support/samples.ts';
import {
  debtor,
  earned,
  executionDate,
  february,
  IBAN,
  january,
  openRunScene,
} from './openRunScene.ts';
import { checker, requestBy } from './payoutScene.ts';

describe('a settlement with drivers', () => {
  it('sets off what is owed, is paid by the bank, and the account and the books say so', async () => {
    const seen = await earned();
    expect(leftOf(await seen.run('settlement', january))).toMatchObject({ code: 'PeriodOpen' });
    await seen.closeAll();
    const { id: run } = rightOf(await seen.run('settlement', january));
    expect(leftOf(await postRun(seen.parts)(requestOf(run), run))).toMatchObject({
      code: 'RunPhaseConflict',
    });
    rightOf(await seen.agreeAndPost(run));
    rightOf(await seen.agreeAndPost(run));
    expect(await seen.lineOf(run)).toMatchObject([{ offset: '2975', amount: '5025' }]);
    expect(await seen.account()).toMatchObject({ owed: 0n, payable: 6_025n });

    const none = await seen.order(run);
    expect(none).toMatchObject({ count: 0, unpayable: [{ line: 0, code: 'AccountMissing' }] });
    const account = { iban: IBAN, account_name: 'A. N.', bic: null };
    const change = { driver: seen.ann, account, at: springMorning };
    rightOf(await changeDriverBankAccount(seen.ledger)(requestOf('iban'), change));
    const again = { run, executionDate };
    const ordered = rightOf(
      await orderPayments(seen.parts, debtor)(requestOf({ again: run }), again),
    );
    expect(ordered).toMatchObject({ count: 1, sum: money('5025') });
    const { transfers } = await seen.file(run, ordered.message ?? '');
    const [transfer] = transfers;
    if (!transfer) throw new Error('somebody is paid');
    expect(transfer).toMatchObject({ amount: money('5025'), remittance: 'Settlement 2026-01' });
    expect(transfer.creditor).toEqual({ name: 'A. N.', iban: IBAN });

    const { endToEndId } = transfer;
    expect(await seen.statement(endToEndId, '5025', 'debit')).toMatchObject({ confirmed: 1 });
    expect(await seen.statement(endToEndId, '5025', 'debit')).toMatchObject({ confirmed: 0 });
    expect(await seen.account()).toMatchObject({ payable: 1_000n });
    expect(await seen.statement(endToEndId, '5025', 'credit')).toMatchObject({ returned: 1 });
    expect(await seen.account()).toMatchObject({ owed: 0n, payable: 6_025n });
    const held = await seen.balances();
    expect(held.get(ACCOUNTS.payableDrivers.code)).toBe(-6_025n);
    expect(held.get(ACCOUNTS.receivable.code)).toBe(0n);
    expect([...held.values()].reduce((sum, minor) => sum + minor, 0n)).toBe(0n);
  });

  it('takes no share twice: what came late is in the next, and a reversed one gives all back', async () => {
    const seen = await earned();
    await seen.closeAll();
    const { id: first } = rightOf(await seen.run('settlement', january));
    rightOf(await seen.agreeAndPost(first));
    await seen.fare('2026-01-31', '300', 'late');
    const { id: second } = rightOf(await seen.run('settlement', february));
    rightOf(await seen.agreeAndPost(second));
    expect(await seen.lineOf(second)).toMatchObject([
      { shares: '9300', before: '8000', offset: '0', amount: '1300' },
    ]);
    const reverse = (run: RunId) =>
      reverseRun(seen.parts)(requestOf({ reverse: run }), run, 'mistaken');
    expect(leftOf(await reverse(first))).toMatchObject({ code: 'LaterRunPosted' });
    rightOf(await reverse(second));
    rightOf(await reverse(first));
    expect(await seen.account()).toMatchObject({ owed: 2_975n, payable: 9_300n });
    const asked = { kind: 'settlement', park: seen.park, period: january, payee: null } as const;
    const { id: third } = rightOf(await proposeRun(seen.parts)(requestOf('once more'), asked));
    rightOf(await seen.agreeAndPost(third));
    expect(await seen.lineOf(third)).toMatchObject([{ shares: '8300', amount: '5325' }]);
  });

  it('is not posted where the driver has paid since it was approved', async () => {
    const seen = await earned();
    await seen.closeAll();
    const { id: run } = rightOf(await seen.run('settlement', january));
    const { inputs } = rightOf(await runAsItIs(seen.ledger)(acme, run));
    const step = { type: 'ApproveRun', inputs, user: checker } as const;
    rightOf(await onRun(seen.ledger)(requestBy(checker), run, step));
    await seen.pay('2026-03-01', '1000');
    expect(leftOf(await postRun(seen.parts)(requestOf(run), run))).toMatchObject({
      code: 'RunInputsChanged',
    });
    expect(await seen.lineOf(run)).toEqual([]);
  });
});

describe('a payment to the operator', () => {
  it('is what the posted payout leaves, one payment for all assets, and nobody reverses under it', async () => {
    const seen = await openRunScene();
    const ben = await seen.party();
    const details = {
      identity: { name: 'Op' },
      contact: {},
      account: { iban: IBAN, account_name: 'Op', bic: null },
    };
    const joining = { kind: 'operator', details, at: springMorning } as const;
    const { id: operator } = rightOf(await registerParty(seen.ledger)(requestOf('op'), joining));
    await seen.agree('2026-01-01');
    await seen.issue('2026-01-01', [{ party: ben, shares: 10 }]);
    await seen.month(january, '123456', [[ACCOUNTS.repairs, '33540']]);
    rightOf(await seen.close(january));
    const ask = (payee: PartyId | null) => seen.run('operator', january, payee);
    expect(leftOf(await ask(null))).toMatchObject({ code: 'PayeeMissing' });
    expect(leftOf(await ask(ben))).toMatchObject({ code: 'PartyUnknown' });
    expect(leftOf(await ask(operator))).toMatchObject({ code: 'PayoutRunMissing' });
    const { id: payout } = rightOf(await seen.run('payout', january));
    rightOf(await seen.agreeAndPost(payout));
    const { id: run } = rightOf(await ask(operator));
    rightOf(await seen.agreeAndPost(run));
    expect(await seen.lineOf(run)).toMatchObject([
      { fee: '16749', rest: '16498', amount: '33247' },
    ]);
    const reversal = await reverseRun(seen.parts)(requestOf('back'), payout, 'mistaken');
    expect(leftOf(reversal)).toMatchObject({ code: 'LaterRunPosted', run });

    const { message, count, sum } = await seen.order(run);
    expect({ count, sum }).toEqual({ count: 1, sum: money('33247') });
    const [transfer] = (await seen.file(run, message ?? '')).transfers;
    await seen.statement(transfer?.endToEndId ?? '', '33247', 'debit');
    const held = await seen.balances();
    const booked = (await allEvents(seen.store)).find(({ type }) => type === 'PaymentsConfirmed');
    expect(booked?.localDate).toBe('2026-03-01');
    expect(held.get(ACCOUNTS.payableOperator.code)).toBe(0n);
    expect(held.get(ACCOUNTS.bank.code)).toBe(-33_247n);
  });
});

describe('a closing that a second person agrees to', () => {
  it('closes the books of the park with what was agreed to, and stays', async () => {
    const seen = await openRunScene();
    await seen.month(january, '123456', [[ACCOUNTS.repairs, '33540']]);
    expect(leftOf(await seen.run('closing', Period.parse('2026-03')))).toMatchObject({
      code: 'PeriodNotOver',
    });
    const { id: run } = rightOf(await seen.run('closing', january));
    await seen.month(january, '100', []);
    expect(leftOf(await seen.agreeAndPost(run))).toMatchObject({ code: 'RunInputsChanged' });
    const asked = { kind: 'closing', park: seen.park, period: january, payee: null } as const;
    const { id: second } = rightOf(await proposeRun(seen.parts)(requestOf('second'), asked));
    rightOf(await seen.agreeAndPost(second));
    expect(await seen.lineOf(second)).toMatchObject([
      { vehicle: seen.vehicle, entries: 3 },
      { vehicle: null, entries: 0 },
    ]);
    const closed = (await allEvents(seen.store)).filter(({ type }) =>
      type.endsWith('PeriodClosed'),
    );
    expect(closed.map(({ type }) => type)).toEqual(['AssetPeriodClosed', 'ParkPeriodClosed']);
    rightOf(await seen.agreeAndPost(second));
    expect(leftOf(await reverseRun(seen.parts)(requestOf('no'), second, 'mistaken'))).toMatchObject(
      {
        code: 'RunIrreversible',
      },
    );
    rightOf(await seen.close(january));
  });
});
