import { z } from 'zod';
import { AccountCode, AccountType } from '#domain/finance/accounts.ts';
import { Label } from '#domain/kernel/fields.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { chartKey, subjects } from '#domain/kernel/subjects.ts';

export const AccountDefined = eventType({
  type: 'AccountDefined',
  about: 'An account is in the chart under this name from now on.',
  data: z.strictObject({ account: AccountCode, name: Label, type: AccountType }),
  subjects: () => subjects(chartKey('accounts')),
});

export const AccountRemoved = eventType({
  type: 'AccountRemoved',
  about: 'An account that no entry touched is in the chart no more.',
  data: z.strictObject({ account: AccountCode }),
  subjects: () => subjects(chartKey('accounts')),
});

export const chartEvents = [AccountDefined, AccountRemoved] as const;
export type ChartEvent = Fact<(typeof chartEvents)[number]>;
