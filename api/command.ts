import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { digestOf } from '#commands/digest.ts';
import { commandIdOf, freshCommandId } from '#commands/identity.ts';
import type { Request } from '#commands/workspace.ts';
import type { CommandId, Digest } from '#domain/kernel/ids.ts';
import { epochMs, type Instant } from '#domain/kernel/instant.ts';
import { callerOf, mayActIn } from './caller.ts';
import { refuse } from './problem.ts';
import type { BorderRefusal } from './refusals.ts';

const AHEAD_MAX_S = 5 * 60;
const KEYS_REMEMBERED_MAX = 50_000;

/**
 * What has to be known of a route that commands. `personal`: fields of the body that go into the vault,
 * so that they must not leave a trace in the content's hash. `target`: for a route whose address does not
 * say which stream is written to, the field that does; `content` where all of the body does.
 */
export interface CommandRoute {
  readonly personal?: readonly string[];
  readonly target?: string;
}

interface Command {
  readonly id: CommandId;
  readonly content: Digest;
  /** Under which key the client sent it; null where it sent none. */
  readonly key: CommandId | null;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly command?: CommandRoute;
  }
  interface FastifyRequest {
    /** The body as the client sent it, before defaults. */
    sent: unknown;
    command: Command | null;
  }
}

const Key = z.string().regex(/^[\x21-\x7e]{1,128}$/);
const Times = z.looseObject({
  occurred_at: z.string().optional(),
  ended_at: z.string().optional(),
});
const Body = z.record(z.string(), z.unknown());

const isAhead = (at: string | undefined, now_ms: number): boolean =>
  at !== undefined && Date.parse(at) > now_ms + AHEAD_MAX_S * 1_000;

const contentOf = (sent: unknown, personal: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(Body.parse(sent)).filter(([field]) => !personal.includes(field)),
  );

/**
 * Under which name a command is known. The address names what it is about; where it does not, the body's
 * own word does, so that one key used for two things can never give two events one id.
 */
const identify = (
  request: FastifyRequest,
  { personal = [], target }: CommandRoute,
): Command | BorderRefusal => {
  const { tenant, actor } = callerOf(request);
  const content = contentOf(request.sent, personal);
  const hash = digestOf(content);
  const header = request.headers['idempotency-key'];
  if (header === undefined) return { id: freshCommandId(), content: hash, key: null };
  const key = Key.safeParse(header);
  if (!key.success) {
    const flaw = { at: 'headers/idempotency-key', what: '1 to 128 visible ASCII characters' };
    return { code: 'MalformedRequest', flaws: [flaw] };
  }
  const route = `${request.method} ${request.url.split('?', 1)[0]}`;
  const said = target === 'content' ? hash : String(target === undefined ? '' : content[target]);
  const named = { tenant, actor, key: key.data };
  return {
    id: commandIdOf({ ...named, route: `${route} ${said}` }),
    content: hash,
    key: commandIdOf({ ...named, route }),
  };
};

/**
 * The keys that were used last, each with what it was used for. The log itself remembers per stream, for
 * ever.
 */
const recentKeys = () => {
  const used = new Map<CommandId, Digest>();
  return {
    isReused: ({ key, content }: Command): boolean => {
      const before = key === null ? undefined : used.get(key);
      return before !== undefined && before !== content;
    },
    remember: ({ key, content }: Command): void => {
      if (key === null) return;
      used.delete(key);
      used.set(key, content);
      const oldest = used.keys().next();
      if (used.size > KEYS_REMEMBERED_MAX && !oldest.done) used.delete(oldest.value);
    },
  };
};

/**
 * Makes commands of the requests of routes that say so: gives them their id, and refuses what lies in the
 * future.
 */
export const understandCommands = (app: FastifyInstance, now: () => Instant): void => {
  const keys = recentKeys();
  app.decorateRequest('sent', null);
  app.decorateRequest('command', null);
  app.addHook('preValidation', async (request) => {
    if (!request.routeOptions.config.command) return;
    // Most commands need no more than their address: then there may be no body at all.
    request.body ??= {};
    request.sent = request.body;
  });
  app.addHook('preHandler', async (request, reply) => {
    const route = request.routeOptions.config.command;
    if (!route) return;
    const times = Times.safeParse(request.body).data;
    const now_ms = epochMs(now());
    if (isAhead(times?.occurred_at, now_ms) || isAhead(times?.ended_at, now_ms)) {
      return refuse(reply, { code: 'FactInTheFuture', ahead_max_s: AHEAD_MAX_S });
    }
    const command = identify(request, route);
    if ('code' in command) return refuse(reply, command);
    if (keys.isReused(command)) return refuse(reply, { code: 'IdempotencyKeyReused' });
    request.command = command;
    reply.header('command-id', command.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    if (request.command && reply.statusCode < 300) keys.remember(request.command);
  });
};

/** A request as the use cases take it: who asks, under which command, and where they may act. */
export const asked = (request: FastifyRequest): Request => {
  const caller = callerOf(request);
  const { command } = request;
  if (command === null) throw new Error('a route that commands does not say so');
  const { tenant, actor, role } = caller;
  return {
    origin: {
      tenant,
      actor: { kind: 'user', id: actor, role },
      command: command.id,
      content: command.content,
      correlationId: request.id,
      causationId: null,
    },
    mayActIn: mayActIn(caller),
  };
};
