import { createHmac } from 'node:crypto';
import type { DemoIssuer } from '#api/demoTokens.ts';
import type { Permission, Role } from '#domain/users/rights.ts';

/** Somebody who can be picked at the demo's login. There is nothing secret about them. */
export interface DemoUser {
  readonly id: string;
  readonly label: string;
  readonly role: Role;
  readonly permissions: readonly Permission[];
}

const user = (role: Role, label: string): DemoUser => ({
  id: `demo-${role}`,
  label,
  role,
  permissions: [],
});

/** One user of each role, and an operator who may have engines blocked. */
export const DEMO_USERS: readonly DemoUser[] = [
  user('operator', 'Operator'),
  {
    ...user('operator', 'Operator who may immobilize'),
    id: 'demo-immobilizer',
    permissions: ['immobilize'],
  },
  user('admin', 'Admin'),
  user('driver', 'Driver'),
  user('investor', 'Investor'),
  user('auditor', 'Auditor'),
  user('analyst', 'Analyst'),
];

/** The client for people: public, so it has no secret, and proves itself by PKCE. */
export const PEOPLE_CLIENT = 'equinomix-demo';

/** The client for machines; it may do what an operator may, and shows a secret. */
export const MACHINE_CLIENT = 'equinomix-machine';

/** What is derived from the demo's key for a purpose, 32 bytes: the same as long as the key is. */
export const derivedSecret = ({ key }: Pick<DemoIssuer, 'key'>, purpose: string): Buffer =>
  createHmac('sha256', key.d).update(purpose).digest();

/** The secret of the machines' client. */
export const machineSecret = (issuer: Pick<DemoIssuer, 'key'>): string =>
  derivedSecret(issuer, 'machine').toString('base64url');

/** The secret of a user's one-time codes, 20 bytes as RFC 4226 recommends. */
export const totpSecret = (issuer: Pick<DemoIssuer, 'key'>, id: string): Buffer =>
  derivedSecret(issuer, `totp ${id}`).subarray(0, 20);
