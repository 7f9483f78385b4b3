import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { createApp, RequestLog } from './api/app.ts';
import { requestOf, resultOf } from './api/gateway-event.ts';
import { logger, metrics, traceId } from './observability.ts';

type GatewayHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** Each function of the API writes its requests down in the same words. */
export const requestLog: RequestLog = {
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

/** What API Gateway calls. */
export function doorTo(app: ReturnType<typeof createApp>): GatewayHandler {
  return async (event, lambdaContext) => resultOf(await app.fetch(requestOf(event), { event, lambdaContext }));
}
