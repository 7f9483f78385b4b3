import { z } from 'zod';
import { deviceAnswer } from '../../hub/device-answer.ts';
import type { DeviceIdentity } from '../../hub/device-identity.ts';
import type { LocalIotHub } from '../../hub/hub.ts';
import { argumentInvalid } from '../../hub/hub-error.ts';
import { understoodBody } from '../json-body.ts';
import type { HubAnswer, HubRequest, Route } from '../route.ts';
import { bulkRegistry } from './bulk-registry.ts';

const anObject = z.record(z.string(), z.unknown());

/** The identity registry. */
export function identityRoutes(hub: LocalIotHub): readonly Route[] {
  const shown = (identity: DeviceIdentity) =>
    deviceAnswer(identity, hub.lines, hub.devicebound.count(identity.deviceId));
  const put = (request: HubRequest): HubAnswer => {
    const wish = understoodBody(anObject, request);
    const { deviceId = '' } = request.parameters;
    if (wish['deviceId'] !== deviceId) throw argumentInvalid('deviceId: the body and the path name different devices');
    const ifMatch = request.headers['if-match'];
    // The SDK asks for an update with `If-Match: "*"`, and for a new device without.
    const identity = ifMatch === undefined ? hub.identities.create(wish) : hub.identities.update(wish, ifMatch);
    return { status: 200, body: shown(identity) };
  };
  return [
    {
      ...{ operation: 'listDevices', method: 'GET', path: '/devices', right: 'RegistryRead', load: 'registry' },
      run: ({ query }) => ({ status: 200, body: hub.identities.list(most(query)).map(shown) }),
    },
    {
      ...{ operation: 'bulkRegistry', method: 'POST', path: '/devices', right: 'RegistryWrite', load: 'registry' },
      run: (request) => bulkRegistry(hub, request),
    },
    {
      ...{
        operation: 'getDevice',
        method: 'GET',
        path: '/devices/{deviceId}',
        right: 'RegistryRead',
        load: 'registry',
      },
      run: ({ parameters }) => ({ status: 200, body: shown(hub.identities.get(parameters['deviceId'] ?? '')) }),
    },
    {
      ...{
        operation: 'putDevice',
        method: 'PUT',
        path: '/devices/{deviceId}',
        right: 'RegistryWrite',
        load: 'registry',
      },
      run: put,
    },
    {
      operation: 'deleteDevice',
      ...{ method: 'DELETE', path: '/devices/{deviceId}', right: 'RegistryWrite', load: 'registry' },
      run({ parameters, headers }) {
        hub.identities.delete(parameters['deviceId'] ?? '', headers['if-match']);
        return { status: 204 };
      },
    },
    {
      ...{
        operation: 'deviceStatistics',
        method: 'GET',
        path: '/statistics/devices',
        right: 'RegistryRead',
        load: 'registry',
      },
      run() {
        const disabled = [...hub.identities.all()].filter(({ status }) => status === 'disabled').length;
        const totalDeviceCount = hub.identities.size;
        const counts = {
          totalDeviceCount,
          enabledDeviceCount: totalDeviceCount - disabled,
          disabledDeviceCount: disabled,
        };
        return { status: 200, body: counts };
      },
    },
    {
      ...{ operation: 'serviceStatistics', method: 'GET', path: '/statistics/service', right: 'ServiceConnect' },
      run: () => ({ status: 200, body: { connectedDeviceCount: hub.lines.size } }),
    },
  ];
}

function most(query: URLSearchParams): number {
  const top = query.get('top') ?? '1000';
  if (!/^\d+$/.test(top) || Number(top) < 1 || Number(top) > 1000) throw argumentInvalid('top: 1 to 1000');
  return Number(top);
}
