import type { LocalIotHub } from '../../hub/hub.ts';
import type { Route } from '../route.ts';

/** Queued messages; they are sent over AMQP. */
export function deviceboundRoutes(hub: LocalIotHub): readonly Route[] {
  return [
    {
      operation: 'purgeDevicebound',
      ...{ method: 'DELETE', path: '/devices/{deviceId}/commands', right: 'ServiceConnect', load: 'devicebound' },
      run({ parameters: { deviceId = '' } }) {
        const totalMessagesPurged = hub.devicebound.purge(deviceId);
        return { status: 200, body: { totalMessagesPurged, deviceId, moduleId: null } };
      },
    },
  ];
}
