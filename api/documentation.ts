import { createHash } from 'node:crypto';
import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import scalar from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { problemCatalogue } from './problem.ts';

const TARGET = 'draft-2020-12';

/** Every code there is, as a table in Markdown. */
const codes = [
  '| code | status | meaning |',
  '| --- | --- | --- |',
  ...problemCatalogue()
    .toSorted((one, other) => one.status - other.status)
    .map(({ code, status, title }) => `| \`${code}\` | ${status} | ${title} |`),
].join('\n');

const description = `The Equinomix ledger: what fleets do, as events that are never changed.

Commands answer \`{id, revision, position}\`. Read models follow the log: send \`position\` as the header
\`Ledger-Position\` with a GET, and it waits for the read model to have got there.
A command with an \`Idempotency-Key\` can be sent again without being carried out again.
Whatever goes wrong is told as a problem document (RFC 9457) with a stable \`code\`:

${codes}`;

const isInput = (name: string): boolean => name.endsWith('Input');

/** Named schemas are replies; the twins that the library makes of them for requests serve nobody. */
const withoutInputs: SwaggerTransformObject = (document) => {
  const described = jsonSchemaTransformObject(document);
  const schemas = 'components' in described ? described.components?.schemas : undefined;
  for (const name of Object.keys(schemas ?? {})) {
    if (isInput(name)) Reflect.deleteProperty(schemas ?? {}, name);
  }
  return described;
};

/** Describes the interface at /openapi.json, out of the very schemas that requests are checked with. */
export const describeApi = async (app: FastifyInstance): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Equinomix ledger', version: '1.0.0', description },
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
      security: [{ bearer: [] }],
    },
    transform: createJsonSchemaTransform({ zodToJsonConfig: { target: TARGET } }),
    transformObject: withoutInputs,
  });
};

const inlineScripts = (html: string): readonly string[] =>
  [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, code]) => code ?? '',
  );

const sourceOf = (code: string): string =>
  `'sha256-${createHash('sha256').update(code).digest('base64')}'`;

/** Nothing from anywhere else: the page's own script, and the lines that start it, by their hash. */
const policyFor = (html: string): string =>
  [
    `default-src 'none'`,
    `script-src 'self' ${inlineScripts(html).map(sourceOf).join(' ')}`,
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data: blob:`,
    `font-src 'self' data:`,
    `connect-src 'self'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ');

/** Serves the description as JSON, and as a page for readers that loads nothing from outside. */
export const documentationRoutes = async (app: FastifyInstance): Promise<void> => {
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.send(app.swagger()),
  );
  await app.register(async (page) => {
    page.addHook('onSend', async (_request, reply, payload) => {
      const type = String(reply.getHeader('content-type') ?? '');
      if (typeof payload === 'string' && type.startsWith('text/html')) {
        reply.header('content-security-policy', policyFor(payload));
      }
      return payload;
    });
    await page.register(scalar, {
      routePrefix: '/docs',
      configuration: {
        url: '/openapi.json',
        pageTitle: 'Equinomix ledger',
        withDefaultFonts: false,
        telemetry: false,
        hideClientButton: true,
        agent: { disabled: true },
        mcp: { disabled: true },
        showDeveloperTools: 'never',
      },
    });
  });
};
