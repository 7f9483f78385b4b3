import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';

/** Service name, level and namespace come from the environment (`POWERTOOLS_…`). */
export const logger = new Logger();
export const metrics = new Metrics({
  logger: {
    debug: (message) => logger.debug(message),
    info: (message) => logger.info(message),
    error: (message) => logger.error(message),
    // Most invocations count nothing, and a line that says so would be every second one in the logs.
    warn: (message) => void (message.startsWith('No application metrics') || logger.warn(message)),
  },
});

/** The trace this invocation belongs to: the root of Lambda's active tracing. */
export function traceId(): string | undefined {
  return process.env['_X_AMZN_TRACE_ID']?.match(/Root=([^;]+)/)?.[1];
}

/** An event handler whose log lines carry request and trace, and whose metrics are written at its end. */
export function observed<Event, Result>(handle: (event: Event, context: Context) => Promise<Result>) {
  return middy<Event, Result>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .before(() => {
      logger.appendKeys({ traceId: traceId() });
    })
    .handler(handle);
}
