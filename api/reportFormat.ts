import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { acceptedOf } from './mediaTypes.ts';
import { problems } from './problem.ts';

/** In which form a report is told. */
const ReportFormat = z.enum(['json', 'csv', 'pdf']);
type ReportFormat = z.infer<typeof ReportFormat>;

const MEDIA_TYPES = {
  json: 'application/json',
  csv: 'text/csv',
  pdf: 'application/pdf',
} as const satisfies Readonly<Record<ReportFormat, string>>;

/** The part of a query that says in which form. */
export const reportFormat = {
  format: ReportFormat.optional().meta({ description: 'Instead of `Accept`.' }),
};

/** What a route that tells a report answers with, for the framework. */
export const reportReplies = (schema: z.ZodType) => ({
  200: {
    description: 'The report as data, as a table, or to be printed.',
    content: {
      [MEDIA_TYPES.json]: { schema },
      [MEDIA_TYPES.csv]: { schema: z.string() },
      [MEDIA_TYPES.pdf]: { schema: z.string().meta({ format: 'binary' }) },
    },
  },
  default: problems,
});

/** A report in each of its forms; only the one that is asked for is made. */
interface Report {
  /** What a file of it is called, without the ending. */
  readonly name: string;
  readonly json: () => object;
  readonly csv: () => string;
  readonly pdf: () => Promise<Buffer>;
}

/** In which form a request wants a report. */
export const wantedFormat = (
  request: FastifyRequest & { readonly query: { readonly format?: ReportFormat | undefined } },
): ReportFormat =>
  request.query.format ??
  acceptedOf<ReportFormat>('json', MEDIA_TYPES)(ReportFormat.options, request.headers.accept);

/** Tells a report in the form that is wanted. */
export const tellReport = async (
  reply: FastifyReply,
  format: ReportFormat,
  report: Report,
): Promise<FastifyReply> => {
  reply.header('vary', 'accept');
  if (format === 'json') return reply.send(report.json());
  reply.header('content-disposition', `attachment; filename="${report.name}.${format}"`);
  reply.type(format === 'csv' ? `${MEDIA_TYPES.csv}; charset=utf-8` : MEDIA_TYPES.pdf);
  return reply.send(format === 'csv' ? report.csv() : await report.pdf());
};
