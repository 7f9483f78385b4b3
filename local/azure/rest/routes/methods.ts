import { z } from 'zod';
import type { LocalIotHub } from '../../hub/hub.ts';
import type { HubError } from '../../hub/hub-error.ts';
import { understoodBody } from '../json-body.ts';
import type { Route } from '../route.ts';

/** Source: "Understand and invoke direct methods": US-ASCII, printable, without the separators of HTTP. */
const methodCallSchema = z.object({
  methodName: z.string().regex(/^[!#-'*+\-.0-9A-Z^_`a-z|~]{1,128}$/, 'no name of a method'),
  payload: z.unknown(),
  responseTimeoutInSeconds: z.int().min(5).max(300).nullish(),
  connectTimeoutInSeconds: z.int().min(0).max(300).nullish(),
});

export function methodRoutes(hub: LocalIotHub): readonly Route[] {
  return [
    {
      ...{ operation: 'invokeMethod', method: 'POST', path: '/twins/{deviceId}/methods', right: 'ServiceConnect' },
      async run(request) {
        const call = understoodBody(methodCallSchema, request);
        hub.metering.requireQuota();
        hub.throttle.take('methods', Math.max(4096, request.body.length));
        const answer = await hub.methods.invoke(request.parameters['deviceId'] ?? '', {
          methodName: call.methodName,
          payload: call.payload ?? null,
          responseTimeout: call.responseTimeoutInSeconds ?? 30,
          connectTimeout: call.connectTimeoutInSeconds ?? 0,
        });
        return { status: 200, body: answer };
      },
      // Direct methods answer for themselves: a JSON text within the JSON.
      errorBody({ code, number, message, trackingId }: HubError) {
        if (code !== 'DeviceNotOnline' && code !== 'GatewayTimeout') return undefined;
        const timestampUtc = new Date(hub.clock.now()).toISOString();
        const said = { errorCode: number, trackingId, message, info: { timeout: '00:00:00' }, timestampUtc };
        return { Message: JSON.stringify(said), ExceptionMessage: '' };
      },
    },
  ];
}
