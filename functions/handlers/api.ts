import { readFileSync } from 'node:fs';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { TokenIssuer } from '../adapters/oidc/token-issuer.ts';
import { createApp, type RequestLog } from '../api/app.ts';
import { documents } from '../api/documents.ts';
import { requestOf, resultOf } from '../api/gateway-event.ts';
import { routes } from '../api/routes.ts';
import { setting } from '../environment.ts';
import { logger, metrics, traceId } from '../observability.ts';
import { wireApi } from '../wiring/api.ts';

const issuer = new TokenIssuer(setting('TOKEN_ISSUER'));
const read = new Map<string, string>();

/** Written beside the bundle by the build. */
function built(name: string): string {
  const text = read.get(name) ?? readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
  read.set(name, text);
  return text;
}

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

const app = createApp({
  ...wireApi(),
  ...{ routes, log },
  documents: documents({ openApi: () => built('openapi.json'), page: () => built('reference.html') }, () =>
    issuer.urls(),
  ),
});

export async function handler(
  event: APIGatewayProxyEventV2,
  lambdaContext: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  return resultOf(await app.fetch(requestOf(event), { event, lambdaContext }));
}
