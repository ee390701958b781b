import Provider, { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { DemoIssuer } from '#api/demoTokens.ts';
import { MFA_ACR } from '#api/stepUp.ts';
import type { DriverId, Tenant } from '#domain/kernel/ids.ts';
import {
  DEMO_USERS,
  derivedSecret,
  MACHINE_CLIENT,
  machineSecret,
  PEOPLE_CLIENT,
} from './demoUsers.ts';
import { memoryState } from './memoryState.ts';
import { errorPage, PAGE_HEADERS } from './page.ts';

const RESOURCE = 'urn:equinomix:api';
const TOKEN_LIFE_S = 600;
const CODE_LIFE_S = 60;
const INTERACTION_LIFE_S = 600;
const SESSION_LIFE_S = 8 * 3_600;
const CLOCK_LEEWAY_S = 5;

/** Whose demo it is, and the driver that the demo's driver is; null while there is none. */
export interface DemoCast {
  readonly tenant: Tenant;
  readonly driver: () => Promise<DriverId | null>;
}

/** Whether a request wants a second factor. Source: RFC 9470, section 4. */
export const wantsSecondFactor = (acr_values: unknown): boolean =>
  typeof acr_values === 'string' && acr_values.split(' ').includes(MFA_ACR);

/**
 * What a login has to ask: the usual questions, and for the second factor where one is wanted and was not
 * shown. Nobody is asked whether the demo's own client may do what it is there for.
 */
const questions = () => {
  const policy = interactionPolicy.base();
  const check = new interactionPolicy.Check(
    'second_factor',
    'a second factor is needed',
    ({ oidc }) => wantsSecondFactor(oidc.params?.['acr_values']) && oidc.session?.acr !== MFA_ACR,
  );
  policy.get('login')?.checks.add(check);
  policy.remove('consent');
  return policy;
};

/** How the person behind the code that is being exchanged logged in. */
const loginBehind = ({ oidc }: KoaContextWithOIDC) => {
  const code = oidc.entities.AuthorizationCode;
  return {
    ...(code?.acr !== undefined && { acr: code.acr }),
    ...(code?.amr !== undefined && { amr: code.amr }),
    ...(code?.authTime !== undefined && { auth_time: code.authTime }),
  };
};

const claimsOf = async (id: string | undefined, { tenant, driver }: DemoCast) => {
  const user = DEMO_USERS.find((one) => one.id === id);
  if (!user) return { tenant, roles: ['operator'], parks: '*' };
  const driven = user.role === 'driver' ? await driver() : null;
  return {
    tenant,
    roles: [user.role],
    permissions: [...user.permissions],
    parks: '*',
    ...(driven !== null && { driver: driven }),
  };
};

/**
 * An OpenID provider for the demo: authorization code with PKCE for people, client credentials for machines,
 * access tokens as signed JWTs for our API. Its key is that of the demo tokens.
 */
export const demoProvider = (address: string, issuer: DemoIssuer, cast: DemoCast): Provider => {
  const provider = new Provider(address, {
    adapter: memoryState(),
    clients: [
      {
        client_id: PEOPLE_CLIENT,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
      {
        client_id: MACHINE_CLIENT,
        client_secret: machineSecret(issuer),
        redirect_uris: [],
        grant_types: ['client_credentials'],
        response_types: [],
      },
    ],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    jwks: { keys: [{ ...issuer.key, alg: 'ES256', use: 'sig' }] },
    cookies: { keys: [derivedSecret(issuer, 'cookies').toString('base64url')] },
    pkce: { required: () => true },
    responseTypes: ['code'],
    scopes: ['openid'],
    acrValues: [MFA_ACR],
    clockTolerance: CLOCK_LEEWAY_S,
    interactions: {
      policy: questions(),
      url: (_ctx, { uid }) => `/interaction/${uid}`,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience: issuer.audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: TOKEN_LIFE_S,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    extraTokenClaims: async (ctx, token) =>
      'accountId' in token
        ? { ...(await claimsOf(token.accountId, cast)), ...loginBehind(ctx) }
        : claimsOf(undefined, cast),
    findAccount: (_ctx, id) =>
      DEMO_USERS.some((user) => user.id === id)
        ? { accountId: id, claims: () => ({ sub: id }) }
        : undefined,
    loadExistingGrant: async ({ oidc }) => {
      const { client, session } = oidc;
      if (!client || !session?.accountId) return undefined;
      const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
    ttl: {
      AccessToken: TOKEN_LIFE_S,
      AuthorizationCode: CODE_LIFE_S,
      ClientCredentials: TOKEN_LIFE_S,
      IdToken: TOKEN_LIFE_S,
      Interaction: INTERACTION_LIFE_S,
      Session: SESSION_LIFE_S,
      Grant: SESSION_LIFE_S,
    },
    renderError: (ctx, { error, error_description }) => {
      for (const [name, value] of Object.entries(PAGE_HEADERS)) ctx.set(name, value);
      ctx.body = errorPage(`${error}: ${error_description ?? ''}`);
    },
  });
  return provider;
};
