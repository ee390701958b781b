import { issueFine, onFine } from '#commands/fines.ts';
import { addRepairCost, completeRepair, openRepair, reportRepair } from '#commands/repairs.ts';
import type { Request, Workspace } from '#commands/workspace.ts';
import { at, type Cast, money, must, the } from './cast.ts';
import { copyFine } from './copyFine.ts';
import type { Step } from './fleetPlan.ts';

type Paperwork = Extract<
  Step,
  { type: 'fine' | 'settle' | 'defect' | 'mend' | 'spend' | 'mended' }
>;

/** Carries out a step of a fine or a repair. */
export const performPaperwork = async (
  ledger: Workspace,
  request: Request,
  cast: Cast,
  step: Paperwork,
): Promise<void> => {
  switch (step.type) {
    case 'fine': {
      const { vehicle, offence, points, amount } = step;
      const id = at(cast.vehicles, vehicle);
      const reference = `DEMO/${step.fine}`;
      const told = { vehicle: id, named: null, offence, reference, points, at: step.at };
      const asked = { ...told, amount: money(amount, vehicle) };
      const issued = must(await issueFine(ledger)(request, asked), step);
      cast.fines.set(step.fine, { id: issued.id, vehicle });
      await copyFine(ledger, { tenant: request.origin.tenant, fine: issued.id });
      return;
    }
    case 'settle': {
      const { id: fine } = the(cast.fines, step.fine);
      const settled = await onFine(ledger)(request, { fine, at: step.at }, (when) => {
        switch (step.how) {
          case 'dispute':
            return { type: 'DisputeFine', fine, reason: 'not_the_driver', when };
          case 'confirm':
            return { type: 'ConfirmFine', fine, when };
          case 'void':
            return { type: 'VoidFine', fine, reason: 'appeal_upheld', when };
          default:
            return { type: 'PayFine', fine, when };
        }
      });
      must(settled, step);
      await copyFine(ledger, { tenant: request.origin.tenant, fine });
      return;
    }
    case 'defect': {
      const { vehicle, reason, severity } = step;
      const asked = {
        vehicle: at(cast.vehicles, vehicle),
        reason,
        severity,
        begun: false,
        at: step.at,
      };
      const reported = must(await reportRepair(ledger)(request, asked), step);
      cast.repairs.set(step.repair, { id: reported.id, vehicle });
      return;
    }
    case 'mend': {
      const { id: repair } = the(cast.repairs, step.repair);
      must(await openRepair(ledger)(request, { repair, at: step.at }), step);
      return;
    }
    case 'spend': {
      const { id: repair, vehicle } = the(cast.repairs, step.repair);
      const { kind, amount } = step;
      const reference = kind === 'part' ? 'PART-1' : 'HOURS';
      const line = { kind, reference, quantity_milli: 1_000, amount: money(amount, vehicle) };
      must(await addRepairCost(ledger)(request, { repair, line, at: step.at }), step);
      return;
    }
    default: {
      const { id: repair } = the(cast.repairs, step.repair);
      must(await completeRepair(ledger)(request, { repair, odometer_m: null, at: step.at }), step);
    }
  }
};
