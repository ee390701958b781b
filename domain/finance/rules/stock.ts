import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { credit, debit, flipped, moving, postingRule } from '#domain/finance/postingRule.ts';
import { PartsCounted, PartsReceived } from '#domain/inventory/events.ts';
import { minorUnits, moneyOf } from '#domain/kernel/money.ts';

/**
 * Parts that come are owed for; what a count finds missing was used up, and what it finds too much was not.
 */
export const stockRule = postingRule({
  name: 'stock',
  version: 1,
  handles: [PartsReceived, PartsCounted],
  history: false,
  drafts: ({ type, data, when }) => {
    const { park } = data;
    const of = { book: { park, vehicle: null }, date: when.localDate };
    if (type === 'PartsReceived') {
      const { amount } = data;
      const lines = moving([debit(ACCOUNTS.stock, amount), credit(ACCOUNTS.suppliers, amount)]);
      return lines.length === 0 ? [] : [{ ...of, lines }];
    }
    const { value, before } = data;
    const missing = BigInt(before.value) - minorUnits(value);
    const size = moneyOf(missing < 0n ? -missing : missing, value.currency);
    const lines = moving([debit(ACCOUNTS.parts, size), credit(ACCOUNTS.stock, size)]);
    if (lines.length === 0) return [];
    return [{ ...of, lines: missing < 0n ? flipped(lines) : lines }];
  },
});
