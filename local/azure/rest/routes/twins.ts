import type { LocalIotHub } from '../../hub/hub.ts';
import { twinAnswer } from '../../hub/twin-answer.ts';
import { jsonOf } from '../json-body.ts';
import type { Route } from '../route.ts';

/** Twins, for services. */
export function twinRoutes(hub: LocalIotHub): readonly Route[] {
  const answer = (deviceId: string) => ({ status: 200, body: twinAnswer(hub, deviceId) });
  return [
    {
      ...{ operation: 'getTwin', method: 'GET', path: '/twins/{deviceId}', right: 'ServiceConnect', load: 'twinReads' },
      run({ parameters: { deviceId = '' } }) {
        hub.metering.requireQuota();
        hub.twins.read(deviceId);
        return answer(deviceId);
      },
    },
    {
      ...{
        operation: 'patchTwin',
        method: 'PATCH',
        path: '/twins/{deviceId}',
        right: 'ServiceConnect',
        load: 'twinUpdates',
      },
      run(request) {
        const { deviceId = '' } = request.parameters;
        hub.metering.requireQuota();
        hub.twins.patchByService(deviceId, jsonOf(request), request.headers['if-match']);
        return answer(deviceId);
      },
    },
    {
      ...{
        operation: 'replaceTwin',
        method: 'PUT',
        path: '/twins/{deviceId}',
        right: 'ServiceConnect',
        load: 'twinUpdates',
      },
      run(request) {
        const { deviceId = '' } = request.parameters;
        hub.metering.requireQuota();
        hub.twins.replaceByService(deviceId, jsonOf(request), request.headers['if-match']);
        return answer(deviceId);
      },
    },
  ];
}
