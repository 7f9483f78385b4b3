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
let built: string | undefined;

/** Written beside the bundle by the build. */
function description(): string {
  built ??= readFileSync(new URL('./openapi.json', import.meta.url), 'utf8');
  return built;
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
  documents: documents(description, () => issuer.urls()),
});

export async function handler(
  event: APIGatewayProxyEventV2,
  lambdaContext: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  return resultOf(await app.fetch(requestOf(event), { event, lambdaContext }));
}
