import { left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { Imports } from '#api/routes/imports.ts';
import type { HandedFile } from '#ingest/imports/imports.ts';
import type { ImportStatus } from '#ingest/imports/ports.ts';
import { acme, instant, uuid8 } from '#tests/support/samples.ts';
import { call, testApi } from './apiHarness.ts';

const id = uuid8(0x61);
const status: ImportStatus = {
  ...{ id, kind: 'inventory', dryRun: false, takenAt: instant('2026-03-02T08:00:00.000Z') },
  ...{ rows: 3, done: 2, taken: 1, known: 0, wrong: 1 },
  faults: [{ line: 3, column: 'quantity', code: 'quantity_malformed' }],
};

const imports = (handed: HandedFile[] = []): Imports => ({
  ask: async (_, file) => {
    handed.push(file);
    const missing = left({ code: 'ColumnsMissing', columns: ['date'] } as const);
    return file.text === 'broken' ? missing : right({ id, isNew: true });
  },
  statuses: (tenant, of) => async () => {
    const isMine = tenant === acme && (!('id' in of) || of.id === id);
    return right(isMine ? [status] : []);
  },
  look: async (tenant, kind) => (tenant === acme && kind === 'finance' ? 2 : 0),
});

describe('tables that are taken in', () => {
  it('are a job, in the name of who hands them over and in their parks', async () => {
    const handed: HandedFile[] = [];
    const api = await testApi(undefined, { imports: imports(handed) });
    const body = { kind: 'inventory', text: 'a,b', mapping: { fixed: { currency: 'EUR' } } };
    const bound = await api.bearer({ parks: [uuid8(0x62)] });
    const reply = await call(api, 'POST', '/etl/imports', body, bound);
    expect([reply.status, reply.body]).toEqual([202, { import_id: id, new: true }]);
    expect(reply.headers['location']).toBe(`/api/v1/etl/imports/${id}`);
    expect(handed[0]).toMatchObject({ dryRun: false, by: { parks: [uuid8(0x62)] } });
    expect(handed[0]?.mapping).toMatchObject({ delimiter: ',', fixed: { currency: 'EUR' } });
    const dry = { ...body, dry_run: true };
    for (let n = 0; n < 2; n += 1) await call(api, 'POST', '/etl/imports', dry);
    expect(handed[1]?.nonce).not.toBe(handed[2]?.nonce);
    const broken = await call(api, 'POST', '/etl/imports', { ...body, text: 'broken' });
    expect([broken.status, broken.body.code, broken.body.about]).toEqual([
      ...[422, 'import_refused', { why: 'columns_missing', columns: 'date' }],
    ]);
    const unknown = { ...body, mapping: { columns: { colour: 'x' } } };
    expect((await call(api, 'POST', '/etl/imports', unknown)).status).toBe(400);
    await api.app.close();
  });

  it('are told with what is wrong, to their own tenant', async () => {
    const api = await testApi(undefined, { imports: imports() });
    const { body } = await call(api, 'GET', `/etl/imports/${id}`);
    expect(body).toMatchObject({ import_id: id, phase: 'waiting', done: 2, wrong: 1 });
    expect(body.errors).toEqual(status.faults);
    expect((await call(api, 'GET', '/etl/status')).body.imports).toEqual([body]);
    const other = await api.bearer({ tenant: 'other' });
    const stranger = await call(api, 'GET', `/etl/imports/${id}`, undefined, other);
    expect([stranger.status, stranger.body.code]).toEqual([404, 'import_unknown']);
    await api.app.close();
  });

  it('are looked for in the folder when somebody asks, where there is one', async () => {
    const api = await testApi(undefined, { imports: imports() });
    const look = await call(api, 'POST', '/etl/status', { import: 'finance' });
    expect([look.status, look.body]).toEqual([202, { found: 2 }]);
    const without = await testApi(undefined, { imports: { ...imports(), look: null } });
    const none = await call(without, 'POST', '/etl/status', { import: 'finance' });
    expect([none.status, none.body.code]).toEqual([409, 'import_folder_missing']);
    await Promise.all([api.app.close(), without.app.close()]);
  });
});
