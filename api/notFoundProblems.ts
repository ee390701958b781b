import type { Code, Row } from './problemRow.ts';

/** 404: what is not there, or not for the caller to know of. */
export const notFoundProblems = {
  NotFound: { status: 404, title: 'There is nothing here' },
  OutsideScope: { status: 404, title: 'No such park', as: 'park_unknown' },
  ParkUnknown: { status: 404, title: 'No such park' },
  VehicleUnknown: { status: 404, title: 'No such vehicle' },
  DriverUnknown: { status: 404, title: 'No such driver' },
  DocumentUnknown: { status: 404, title: 'No such document' },
  LockoutUnknown: { status: 404, title: 'No such lockout' },
  FittingUnknown: { status: 404, title: 'No such device in the vehicle' },
  RentalUnknown: { status: 404, title: 'No such rental' },
  PlanUnknown: { status: 404, title: 'No such plan has been published' },
  ChargeUnknown: { status: 404, title: 'No such charge' },
  DeductionUnknown: { status: 404, title: 'No such deduction' },
  RepairUnknown: { status: 404, title: 'No such repair' },
  TripUnknown: { status: 404, title: 'No such trip' },
  FineUnknown: { status: 404, title: 'No such fine' },
  ConditionUnknown: { status: 404, title: 'No such condition' },
  IncidentUnknown: { status: 404, title: 'No such incident' },
  DeviceUnknown: { status: 404, title: 'No such device' },
  EvidenceUnknown: { status: 404, title: 'No evidence of that digest is kept' },
  QuarantineEntryUnknown: { status: 404, title: 'No such entry in quarantine' },
  FeatureUnknown: { status: 404, title: 'No such figure has been worked out' },
} satisfies { readonly [C in Code]?: Row<C> };
