import fastify from 'fastify';
import { z } from 'zod';
import { rawPool } from './rig.ts';

/**
 * The peer of the API benchmark, a process of its own: Fastify with nothing but the query of the row.
 * Prints its address.
 */
const [url = '', tenant = ''] = process.argv.slice(2);
const sql = rawPool(url, 10);
const app = fastify();
const Params = z.object({ id: z.string() });

app.get('/:id', async (request) => {
  const { id } = Params.parse(request.params);
  const rows =
    await sql`select key, row::text as row from vehicles where tenant = ${tenant} and key = ${id}`;
  return rows[0]?.['row'];
});
process.stdout.write(`listening on ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
