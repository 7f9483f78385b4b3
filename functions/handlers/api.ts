import { readFileSync } from 'node:fs';
import { handle } from 'hono/aws-lambda';
import { createApp, type RequestLog } from '../api/app.ts';
import { referencePage } from '../api/reference-page.ts';
import { routes } from '../api/routes.ts';
import { logger, metrics, traceId } from '../observability.ts';
import { wireApi } from '../wiring/api.ts';

/** Written beside the bundle by the build. */
const openApi = once(() => readFileSync(new URL('./openapi.json', import.meta.url), 'utf8'));
const page = once(() => referencePage(JSON.parse(openApi())));

const log: RequestLog = {
  request: (entry) => logger.info('request', { ...entry, traceId: traceId() }),
  failure(entry, error) {
    metrics.singleMetric().addMetric('ApiFailures', 'Count', 1);
    logger.error('request failed', {
      ...entry,
      traceId: traceId(),
      error: error instanceof Error ? error : String(error),
    });
  },
};

export const handler = handle(createApp({ ...wireApi(), routes, documents: { openApi, page }, log }));

function once(make: () => string): () => string {
  let made: string | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
