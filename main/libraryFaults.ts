import type { Logger } from 'pino';

/** The client library whose faults on a lost connection surface outside of any call. */
const LIBRARY = /node_modules[\\/]postgres[\\/]/;

/**
 * Lets the process live through faults inside the Postgres client library: in version 3.4.9 a connection
 * that dies at the wrong moment throws from a socket's callback, where no caller can catch it. Whoever
 * waited for an answer on that connection gets an error or a timeout of its own; pools connect again.
 * Anything else that nobody caught is a bug, and ends the process, as Node does by default.
 */
export const surviveLibraryFaults = (logger: Logger): void => {
  const judge = (error: unknown): void => {
    if (error instanceof Error && LIBRARY.test(error.stack ?? '')) {
      logger.warn({ err: error }, 'fault in the Postgres client');
      return;
    }
    logger.fatal({ err: error }, 'uncaught');
    process.exit(1);
  };
  process.on('uncaughtException', judge);
  process.on('unhandledRejection', judge);
};
