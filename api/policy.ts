import type { Permission, Role } from '#domain/users/rights.ts';

/**
 * How far a role may go: `yes` within its parks; `own` only where the driver in the address is the
 * caller; `as self` only in the caller's own name, or of what is the caller's own, which the route sees to.
 */
type Grant = 'yes' | 'own' | 'as self';

/**
 * What a route is for, and who may: `everybody` needs no token, `devices` need one of their own, which the
 * route asks for, and an empty table lets nobody through. `needs` is a permission that everybody but an admin
 * has to have besides; `stepUp` asks for a second factor that was shown a short time ago.
 */
export interface Row {
  readonly what: string;
  readonly who: 'everybody' | 'devices' | Readonly<Partial<Record<Role, Grant>>>;
  readonly needs?: Permission;
  readonly stepUp?: true;
}

const staff = { operator: 'yes', admin: 'yes' } as const;
const readers = { ...staff, auditor: 'yes', analyst: 'yes' } as const;
/** Who holds what is the business of the holder, of whoever keeps the register, and of whoever checks it. */
const investors = { ...staff, auditor: 'yes', investor: 'as self' } as const;
const API = '/api/v1';
/** Of what may leave somebody standing: for specialists, with a second factor at hand. */
const blocking = { needs: 'immobilize', stepUp: true } as const;

const row = (what: string, who: Row['who'], more: Pick<Row, 'needs' | 'stepUp'> = {}): Row => ({
  what,
  who,
  ...more,
});

const paying = (what: string): Row => row(what, { admin: 'yes' }, { stepUp: true });

/**
 * The policy: every route there is, and who may call it. What is not written here is denied; a route
 * without a row, or a row without a route, keeps the server from starting. Source: specification 000,
 * "Security & Data Protection".
 */
export const POLICY: Readonly<Record<string, Row>> = {
  'GET /healthz': row('whether the process is well', 'everybody'),
  'GET /readyz': row('whether it can do its work', 'everybody'),
  'GET /metrics': row('numbers for Prometheus', 'everybody'),
  'GET /openapi.json': row('the description of this interface', 'everybody'),
  'GET /docs': row('the same for readers', 'everybody'),
  'GET /docs/': row('the same for readers', 'everybody'),
  'GET /docs/js/scalar.js': row('the script of that page', 'everybody'),

  [`POST ${API}/parks`]: row('open a park', { admin: 'yes' }),
  [`POST ${API}/parks/:park_id/close`]: row('close a park', { admin: 'yes' }),
  [`GET ${API}/parks`]: row('list parks', { ...readers, investor: 'yes', driver: 'yes' }),
  [`PUT ${API}/parks/:park_id/detection`]: row('say how telemetry is judged', staff),
  [`GET ${API}/parks/:park_id/detection`]: row('see how telemetry is judged', readers),
  [`GET ${API}/parks/:park_id`]: row('see a park', { ...readers, investor: 'yes', driver: 'yes' }),

  [`POST ${API}/transport_registry`]: row('register a vehicle', staff),
  [`GET ${API}/transport_registry`]: row('list vehicles', { ...readers, investor: 'yes' }),
  [`GET ${API}/transport_registry/:vehicle_id`]: row(
    'see a vehicle (VIN and plate: operator and admin only, recorded)',
    { ...readers, investor: 'yes' },
  ),
  [`POST ${API}/transport_registry/:vehicle_id/documents`]: row('file a document', staff),
  [`POST ${API}/transport_registry/:vehicle_id/plate`]: row('change the plate', staff),
  [`POST ${API}/transport_registry/:vehicle_id/odometer`]: row('read the odometer', staff),
  [`POST ${API}/transport_registry/:vehicle_id/move`]: row('move to another park', staff),
  [`POST ${API}/transport_registry/:vehicle_id/owner`]: row('change the owner', { admin: 'yes' }),
  [`POST ${API}/transport_registry/:vehicle_id/commission`]: row('end onboarding', staff),
  [`POST ${API}/transport_registry/:vehicle_id/withdraw`]: row('take out of service', staff),
  [`POST ${API}/transport_registry/:vehicle_id/reinstate`]: row('put back into service', staff),
  [`POST ${API}/transport_registry/:vehicle_id/retire`]: row('retire for good', staff),

  [`POST ${API}/transport_registry/:vehicle_id/devices`]: row('fit a device', staff),
  [`POST ${API}/transport_registry/:vehicle_id/devices/record`]: row(
    'record a device that is out again',
    staff,
  ),
  [`GET ${API}/transport_registry/:vehicle_id/devices`]: row('list devices', readers),
  [`GET ${API}/transport_registry/:vehicle_id/devices/:fitting_id`]: row('see a device', readers),
  [`POST ${API}/transport_registry/:vehicle_id/devices/:fitting_id/remove`]: row(
    'remove a device',
    staff,
  ),
  [`POST ${API}/transport_registry/:vehicle_id/devices/:fitting_id/void`]: row(
    'strike out a device',
    staff,
  ),

  [`POST ${API}/drivers`]: row('register a driver', staff),
  [`GET ${API}/drivers`]: row('list drivers, without personal data', readers),
  [`GET ${API}/drivers/:driver_id`]: row(
    'see a driver (personal data: operator, admin and the driver only, recorded)',
    { ...readers, driver: 'own' },
  ),
  [`PUT ${API}/drivers/:driver_id/details`]: row('change name and contact', staff),
  [`POST ${API}/drivers/:driver_id/documents`]: row('file a document', staff),
  [`POST ${API}/drivers/:driver_id/documents/:document_id/withdraw`]: row(
    'withdraw a document',
    staff,
  ),
  [`POST ${API}/drivers/:driver_id/ratings`]: row('rate a driver', staff),
  [`POST ${API}/drivers/:driver_id/feedback`]: row('give feedback on a fellow driver', {
    ...staff,
    driver: 'as self',
  }),
  [`POST ${API}/drivers/:driver_id/deactivate`]: row('keep from driving', staff),
  [`POST ${API}/drivers/:driver_id/reactivate`]: row('let drive again', staff),
  [`POST ${API}/drivers/:driver_id/move`]: row('move to another park', staff),
  [`GET ${API}/drivers/:driver_id/standing`]: row('see arrears, deposit and fines', {
    ...readers,
    driver: 'own',
  }),
  [`POST ${API}/drivers/:driver_id/standing/arrears`]: row('state what is owed', staff),
  [`POST ${API}/drivers/:driver_id/standing/deposit`]: row('state the deposit held', staff),

  [`GET ${API}/drivers/:driver_id/account`]: row('see what a driver owes and has deposited', {
    ...readers,
    driver: 'own',
  }),
  [`GET ${API}/drivers/:driver_id/account/statement`]: row('see a month of a driver’s account', {
    ...readers,
    driver: 'own',
  }),
  [`POST ${API}/drivers/:driver_id/payments`]: row('record that a driver paid', staff),
  [`POST ${API}/drivers/:driver_id/deposits`]: row('take a deposit', staff),
  [`POST ${API}/drivers/:driver_id/deposits/apply`]: row('settle debts out of a deposit', staff),
  [`POST ${API}/drivers/:driver_id/deposits/refund`]: row('give a deposit back', staff),
  [`POST ${API}/drivers/:driver_id/fares`]: row('credit a driver’s share of a fare', staff),
  [`POST ${API}/drivers/:driver_id/charges/:charge_id/reverse`]: row('waive a charge', staff),
  [`POST ${API}/drivers/:driver_id/deductions`]: row('propose a deduction for damage', staff),
  [`POST ${API}/drivers/:driver_id/deductions/:deduction_id/dispute`]: row(
    'object to a deduction',
    { ...staff, driver: 'own' },
  ),
  [`POST ${API}/drivers/:driver_id/deductions/:deduction_id/uphold`]: row(
    'decide that a disputed deduction stands',
    staff,
  ),
  [`POST ${API}/drivers/:driver_id/deductions/:deduction_id/withdraw`]: row(
    'take a deduction back',
    staff,
  ),
  [`POST ${API}/drivers/:driver_id/deductions/:deduction_id/make`]: row('make a deduction', staff),
  [`GET ${API}/finance/deposits`]: row('list the deposits held', readers),
  [`PUT ${API}/plans/:code`]: row('publish what drivers pay and get', { admin: 'yes' }),
  [`GET ${API}/plans/:code`]: row('see what drivers pay and get', { ...readers, driver: 'yes' }),

  [`POST ${API}/rentals`]: row('hand a vehicle to a driver', staff),
  [`POST ${API}/rentals/record`]: row('record a rental that is over', staff),
  [`GET ${API}/rentals`]: row('list rentals', readers),
  [`GET ${API}/rentals/:rental_id`]: row('see a rental', readers),
  [`POST ${API}/rentals/:rental_id/end`]: row('take a vehicle back', staff),
  [`POST ${API}/rentals/:rental_id/void`]: row('strike out a rental', staff),

  [`GET ${API}/access/:driver_id/status`]: row('whether a driver may drive a vehicle', {
    ...readers,
    driver: 'own',
  }),
  [`POST ${API}/access/:driver_id/lockouts`]: row('lock a driver out', staff),
  [`POST ${API}/access/:driver_id/lockouts/:lockout_id/lift`]: row('lift a lockout', staff),
  [`GET ${API}/access/:driver_id/lockouts`]: row('see the lockouts of a driver', {
    ...readers,
    driver: 'own',
  }),
  [`PUT ${API}/access/rules`]: row('publish rules of access', { admin: 'yes' }),
  [`GET ${API}/access/rules`]: row('see the rules of access', readers),
  [`POST ${API}/access/rules/simulate`]: row('replay a period under other rules', readers),

  [`POST ${API}/trips`]: row('start a trip, or record a whole one', staff),
  [`GET ${API}/trips`]: row('list trips', readers),
  [`GET ${API}/trips/:trip_id`]: row('see a trip', readers),
  [`POST ${API}/trips/:trip_id/end`]: row('end a trip', staff),
  [`POST ${API}/trips/:trip_id/amend`]: row('correct a trip', staff),
  [`POST ${API}/trips/:trip_id/void`]: row('strike out a trip', staff),

  [`POST ${API}/fines`]: row('record a fine', staff),
  [`GET ${API}/fines`]: row('list fines', readers),
  [`GET ${API}/fines/:fine_id`]: row('see a fine', readers),
  [`POST ${API}/fines/:fine_id/dispute`]: row('dispute a fine', staff),
  [`POST ${API}/fines/:fine_id/confirm`]: row('confirm a fine', staff),
  [`POST ${API}/fines/:fine_id/void`]: row('void a fine', staff),
  [`POST ${API}/fines/:fine_id/pay`]: row('say that a fine is paid', staff),

  [`POST ${API}/incidents`]: row('record a violation or an incident', staff),
  [`GET ${API}/incidents`]: row('list violations and incidents', readers),
  [`GET ${API}/incidents/:incident_id`]: row('see a violation or an incident', readers),
  [`POST ${API}/incidents/:incident_id/dispute`]: row('dispute it', staff),
  [`POST ${API}/incidents/:incident_id/confirm`]: row('confirm it', staff),
  [`POST ${API}/incidents/:incident_id/void`]: row('void it', staff),

  [`GET ${API}/conditions`]: row('list what telemetry showed of vehicles', readers),
  [`GET ${API}/conditions/:condition_id`]: row('see one such condition', readers),

  [`POST ${API}/repairs`]: row('report a defect, or open a repair at once', staff),
  [`GET ${API}/repairs`]: row('list repairs', readers),
  [`GET ${API}/repairs/:repair_id`]: row('see a repair', readers),
  [`POST ${API}/repairs/:repair_id/open`]: row('begin the work', staff),
  [`POST ${API}/repairs/:repair_id/costs`]: row('add a cost line', staff),
  [`POST ${API}/repairs/:repair_id/complete`]: row('end the work', staff),
  [`POST ${API}/repairs/:repair_id/cancel`]: row('cancel the repair', staff),

  [`GET ${API}/event_log/driver/:driver_id`]: row('a driver’s events of a day', {
    ...readers,
    driver: 'own',
  }),
  [`GET ${API}/event_log/vehicle/:vehicle_id`]: row('a vehicle’s events', readers),
  [`GET ${API}/features`]: row('figures of parks and drivers', { ...readers, investor: 'yes' }),
  [`GET ${API}/features/live`]: row('figures of this moment', { ...readers, investor: 'yes' }),
  [`GET ${API}/features/:name/explain`]: row('the events behind a figure', readers),
  [`POST ${API}/parties`]: row('register an investor, operator or supplier', staff),
  [`GET ${API}/parties`]: row('list parties, without personal data', readers),
  [`GET ${API}/parties/:party_id`]: row(
    'see a party (personal data: operator and admin only, recorded)',
    readers,
  ),
  [`POST ${API}/parties/:party_id/bank_account`]: row('change to where a party is paid', staff, {
    stepUp: true,
  }),
  [`POST ${API}/parties/:party_id/user`]: row(
    'say which user a party is',
    { admin: 'yes' },
    { stepUp: true },
  ),
  [`POST ${API}/assets/:vehicle_id/terms`]: row('agree how an asset’s result is shared', staff),
  [`GET ${API}/assets/:vehicle_id/terms`]: row('see how an asset’s result is shared', readers),
  [`POST ${API}/assets/:vehicle_id/shares/issue`]: row('issue shares of an asset', staff),
  [`POST ${API}/assets/:vehicle_id/shares/transfer`]: row('hand shares over', staff),
  [`POST ${API}/assets/:vehicle_id/shares/redeem`]: row('take shares back', staff),
  [`GET ${API}/assets/:vehicle_id/shares`]: row('see who holds an asset', {
    ...staff,
    auditor: 'yes',
  }),
  [`GET ${API}/investors/:investor_id/portfolio`]: row('what an investor holds', investors),
  [`GET ${API}/investors/:investor_id/contract`]: row('what an investor is promised', investors),
  [`GET ${API}/assets/:vehicle_id/history`]: row('an asset’s whole history', readers),
  [`GET ${API}/events`]: row('export the log, or follow it live (recorded)', {
    admin: 'yes',
    auditor: 'yes',
    analyst: 'yes',
  }),
  [`GET ${API}/event-types`]: row('the catalogue of events', {
    ...readers,
    investor: 'yes',
    driver: 'yes',
  }),
  [`POST ${API}/devices`]: row('register a device and get its secret', staff),
  [`GET ${API}/devices`]: row('list devices, without secrets', readers),
  [`POST ${API}/devices/:ident/rotate`]: row('give a device another secret', staff),
  [`POST ${API}/devices/:ident/revoke`]: row('revoke a device’s secret', staff),
  [`DELETE ${API}/devices/:ident`]: row('give up a device', { admin: 'yes' }),
  [`POST ${API}/telemetry`]: row('send telemetry (devices only, by their own token)', 'devices'),
  [`GET ${API}/telemetry/:vehicle_id`]: row('what a vehicle told (recorded)', staff),
  [`GET ${API}/telemetry/fleet`]: row('how many vehicles of a park move, idle, stand', readers),
  [`GET ${API}/telemetry/evidence/:digest`]: row('what a conclusion rests on (recorded)', staff),
  [`GET ${API}/telemetry/now`]: row('where vehicles are by now (recorded)', staff),
  [`GET ${API}/telemetry/stream`]: row('the same, live (recorded)', staff),
  [`GET ${API}/telemetry/quarantine`]: row('list what waits in quarantine', staff),
  [`GET ${API}/telemetry/quarantine/use`]: row('how full quarantine is, by device', staff),
  [`GET ${API}/telemetry/quarantine/:entry_id`]: row('look into a message (recorded)', staff),
  [`POST ${API}/telemetry/quarantine/:entry_id/replay`]: row('read a message again', staff),
  [`POST ${API}/telemetry/quarantine/replay`]: row('read messages again', staff),
  [`DELETE ${API}/telemetry/quarantine/:entry_id`]: row('let go of a message', staff),
  [`GET ${API}/etl/status`]: row('how far the read models are', readers),
  [`GET ${API}/finance/park/:park_id`]: row('see what a park earned and owes', readers),
  [`POST ${API}/finance/entries`]: row('post an entry by hand', { admin: 'yes' }),
  [`POST ${API}/finance/entries/:entry_id/reverse`]: row('undo an entry', { admin: 'yes' }),
  [`GET ${API}/finance/entries`]: row('list entries of the journal', readers),
  [`GET ${API}/finance/entries/:entry_id`]: row('see an entry', readers),
  [`GET ${API}/finance/trial-balance`]: row('see what accounts hold', readers),
  [`POST ${API}/finance/periods/:period/close`]: row('close a month', { admin: 'yes' }),
  [`POST ${API}/finance/runs`]: row('propose a payout', staff),
  [`POST ${API}/finance/runs/:run_id/approve`]: row('approve a payout of somebody else', {
    admin: 'yes',
  }),
  [`POST ${API}/finance/runs/:run_id/withdraw`]: row('drop a payout', staff),
  [`POST ${API}/finance/runs/:run_id/post`]: row('post an approved payout', { admin: 'yes' }),
  [`POST ${API}/finance/runs/:run_id/reverse`]: row('take a payout back', { admin: 'yes' }),
  [`POST ${API}/finance/runs/:run_id/payments`]: paying('order the payments of a payout'),
  [`GET ${API}/finance/runs/:run_id/payments/:message`]: paying('fetch a payment file (recorded)'),
  [`POST ${API}/finance/statements`]: row('take a bank statement in', { admin: 'yes' }),
  [`GET ${API}/finance/runs`]: row('list payouts', readers),
  [`GET ${API}/finance/runs/:run_id`]: row('see a payout', readers),

  [`GET ${API}/users`]: row('list users, by their stand-ins', { admin: 'yes', auditor: 'yes' }),
  [`GET ${API}/users/:user_id`]: row('see what a user may do, or could do then', {
    admin: 'yes',
    auditor: 'yes',
  }),
  [`POST ${API}/users/:user_id/rights`]: row('grant rights', { admin: 'yes' }, { stepUp: true }),
  [`POST ${API}/users/:user_id/rights/revoke`]: row('take granted rights back', { admin: 'yes' }),
  [`POST ${API}/users/:user_id/suspend`]: row('suspend a user', { admin: 'yes' }),
  [`POST ${API}/users/:user_id/reinstate`]: row(
    'let a suspended user in again',
    { admin: 'yes' },
    { stepUp: true },
  ),
  [`POST ${API}/access/:vehicle_id/immobilize`]: row('have an engine blocked', staff, blocking),
  [`GET ${API}/access/:vehicle_id/immobilize/:job_id`]: row('see a block or release', readers),
  [`POST ${API}/access/:vehicle_id/immobilize/:job_id/approve`]: row(
    'agree to a block that somebody else asked for',
    staff,
    blocking,
  ),
  [`POST ${API}/access/:vehicle_id/immobilize/:job_id/cancel`]: row('call a block off', staff),
  [`POST ${API}/access/:vehicle_id/immobilize/:job_id/review`]: row(
    'review a block for theft or safety',
    { admin: 'yes', auditor: 'yes' },
  ),
  [`GET ${API}/access/immobilizations`]: row('list blocks and releases', readers),
  [`POST ${API}/access/:vehicle_id/release`]: row('have an engine released', staff),
  [`POST ${API}/access/:vehicle_id/emergency_start`]: row('grant an emergency start', staff),
  [`POST ${API}/access/:vehicle_id/notices`]: row('record a notice of a block', staff),
  [`PUT ${API}/access/:vehicle_id/immobilizer`]: row('record an immobilizer', staff, blocking),
  [`POST ${API}/access/:vehicle_id/immobilizer/remove`]: row(
    'record that an immobilizer is out',
    staff,
    blocking,
  ),
  [`GET ${API}/access/:vehicle_id/immobilizer`]: row('see an immobilizer and its engine', readers),
  [`PUT ${API}/access/immobilization/rules`]: row(
    'publish the rules of blocking',
    { admin: 'yes' },
    { stepUp: true },
  ),
  [`GET ${API}/access/immobilization/rules`]: row('see the rules of blocking', readers),
  [`PUT ${API}/access/new_blocks`]: row('stop new blocks, or allow them again', { admin: 'yes' }),
  [`GET ${API}/access/new_blocks`]: row('see whether new blocks are allowed', readers),
  [`DELETE ${API}/subjects/:subject_id`]: row('erase personal data', { admin: 'yes' }),
};
