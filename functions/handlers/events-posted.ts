import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { admissionAskedSchema, devicePostsSchema } from '#shared/vehicle-cloud/device-post.ts';
import { countsOf, postsAnswer } from '#shared/vehicle-cloud/posted-event.ts';
import { parse } from '../api/input.ts';
import { logger, metrics, observed } from '../observability.ts';
import { answered } from '../posted-answer.ts';
import { letIn } from '../posted-door.ts';
import { systemClock as clock } from '../wiring/clock.ts';
import { wirePostedEvents } from '../wiring/posted-events.ts';

const { service, admissions, door } = wirePostedEvents((why) => {
  metrics.addMetric('PostsRefused', 'Count', 1);
  logger.warn('post refused', { why });
});

/** Another device cloud posts what its vehicles say, or asks whether a device may be one of them. */
export const handler = observed(
  (event: APIGatewayProxyEventV2, { awsRequestId: requestId }): Promise<APIGatewayProxyStructuredResultV2> =>
    answered(requestId, async () => {
      const { home, content } = await letIn(event, door, { requestId, now: clock.now() });
      if (event.routeKey.includes('/device-admissions/')) {
        const asked = parse('body', admissionAskedSchema, content);
        const { answer, reason } = await admissions.ask(home, asked);
        if (reason !== undefined) metrics.addMetric('VehiclesRefused', 'Count', 1);
        logger.info('device asks to be a vehicle', { home, vehicleId: asked.vehicleId, reason });
        return { status: 200, content: answer };
      }
      const { events } = parse('body', devicePostsSchema, content);
      const counts = countsOf(await service.take(home, events));
      metrics.addMetric('EventsPosted', 'Count', events.length);
      metrics.addMetric('EventsDropped', 'Count', counts.dropped);
      metrics.addMetric('EventsQuarantined', 'Count', counts.quarantined);
      logger.info('events posted', { home, ...counts });
      return { status: 202, content: postsAnswer(counts) };
    }),
);
