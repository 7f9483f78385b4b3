import type { DeviceIdentity } from './device-identity.ts';
import { identityEtag } from './etag.ts';
import type { Lines } from './lines.ts';

const never = '0001-01-01T00:00:00Z';

/** An identity as services see it. */
export function deviceAnswer(identity: DeviceIdentity, lines: Lines, queued: number) {
  const { deviceId, authentication, statusUpdatedAt } = identity;
  const lastActivity = lines.lastActivity(deviceId);
  const when = (ms: number | undefined) => (ms === undefined ? never : new Date(ms).toISOString());
  const sas = authentication.type === 'sas' ? authentication : undefined;
  const own = authentication.type === 'selfSigned' ? authentication : undefined;
  return {
    deviceId,
    generationId: identity.generationId,
    etag: identityEtag(identity.revision),
    connectionState: lines.isConnected(deviceId) ? 'Connected' : 'Disconnected',
    status: identity.status,
    statusReason: identity.statusReason ?? null,
    connectionStateUpdatedTime: when(lastActivity),
    statusUpdatedTime: when(statusUpdatedAt),
    lastActivityTime: when(lastActivity),
    cloudToDeviceMessageCount: queued,
    authentication: {
      symmetricKey: { primaryKey: sas?.primaryKey ?? null, secondaryKey: sas?.secondaryKey ?? null },
      x509Thumbprint: {
        primaryThumbprint: own?.primaryThumbprint ?? null,
        secondaryThumbprint: own?.secondaryThumbprint ?? null,
      },
      type: authentication.type,
    },
    capabilities: { iotEdge: false },
  };
}
