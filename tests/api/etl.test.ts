import { left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { JobsToLookAt } from '#api/routes/etl.ts';
import { acme, instant, uuid8 } from '#tests/support/samples.ts';
import { call, testApi } from './apiHarness.ts';

const id = uuid8(0x51);
const dead = {
  ...{ id, kind: 'fleet_report', tenant: acme, key: 'k', data: { day: '2026-03-14' } },
  ...{ code: 'mail_away', attempts: 7, at: instant('2026-03-15T06:00:00.000Z') },
};
const counts = { kind: 'fleet_report', waiting: 1, running: 0, done: 3, dead: 1 };

/** Jobs of one tenant, one of them dead. */
const jobs: JobsToLookAt = {
  counts: (tenant) => async () => right(tenant === acme ? [counts] : []),
  dead:
    ({ tenant }) =>
    async () =>
      right(tenant === acme ? [dead] : []),
  replay: (asked) => async () => right(asked.tenant === acme && asked.id === id),
};

describe('work in the background, as an operator sees it', () => {
  it('is counted, with what is dead and why', async () => {
    const api = await testApi(undefined, { batchJobs: jobs });
    const { body } = await call(api, 'GET', '/etl/status');
    const { id: job_id, tenant: _, ...shown } = dead;
    expect(body.jobs).toEqual({ counts: [counts], dead: [{ job_id, ...shown }] });
    const elsewhere = await api.bearer({ tenant: 'other' });
    const other = await call(api, 'GET', '/etl/status', undefined, elsewhere);
    expect(other.body.jobs).toEqual({ counts: [], dead: [] });
  });

  it('is tried again when somebody asks', async () => {
    const api = await testApi(undefined, { batchJobs: jobs });
    const replay = (job: string, who?: Record<string, string>) =>
      call(api, 'POST', `/etl/jobs/${job}/replay`, undefined, who);
    expect(await replay(id)).toMatchObject({ status: 200, body: { job_id: id } });
    expect(await replay(uuid8(0x52))).toMatchObject({
      status: 404,
      body: { code: 'dead_job_unknown' },
    });
    expect((await replay(id, await api.bearer({ tenant: 'other' }))).status).toBe(404);
    expect((await replay(id, await api.bearer({ role: 'analyst' }))).status).toBe(403);
    expect((await replay('x')).status).toBe(400);
  });

  it('says when the database is away', async () => {
    const away = () => async () => left({ code: 'Unavailable', detail: 'away' } as const);
    const batchJobs = { counts: away, dead: away, replay: away };
    const api = await testApi(undefined, { batchJobs });
    expect((await call(api, 'GET', '/etl/status')).status).toBe(503);
    expect((await call(api, 'POST', `/etl/jobs/${id}/replay`)).status).toBe(503);
  });
});
