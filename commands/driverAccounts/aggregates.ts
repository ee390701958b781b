import { holding } from '#commands/aggregate.ts';
import { accountDecider } from '#domain/driverAccounts/account.ts';
import { accountEvents } from '#domain/driverAccounts/events.ts';
import type { DriverId, PlanId, Tenant } from '#domain/kernel/ids.ts';
import { accountStream, planStream } from '#domain/kernel/streams.ts';
import { PlanPublished } from '#domain/plans/events.ts';
import { planDecider } from '#domain/plans/plan.ts';

const isAccountEvent = holding(accountEvents);
const isPlanEvent = holding([PlanPublished]);

/** What is between the operator and a driver. */
export const accountOf = (tenant: Tenant, id: DriverId) => ({
  decider: accountDecider,
  streamOf: () => accountStream(tenant, id),
  owns: isAccountEvent,
});

export const planOf = (tenant: Tenant, id: PlanId) => ({
  decider: planDecider,
  streamOf: () => planStream(tenant, id),
  owns: isPlanEvent,
});
