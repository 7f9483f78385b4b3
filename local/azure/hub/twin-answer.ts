import type { Devicebound } from './devicebound.ts';
import { identityEtag, twinEtag } from './etag.ts';
import type { Identities } from './identities.ts';
import type { Lines } from './lines.ts';
import type { TwinSection, Twins } from './twins.ts';

const never = '0001-01-01T00:00:00Z';

export interface TwinSource {
  readonly identities: Identities;
  readonly twins: Twins;
  readonly lines: Lines;
  readonly devicebound: Pick<Devicebound, 'count'>;
}

/** A twin as services see it, with what the identity and the connection add. */
export function twinAnswer({ identities, twins, lines, devicebound }: TwinSource, deviceId: string) {
  const identity = identities.get(deviceId);
  const { tags, desired, reported, version, writes } = twins.get(deviceId);
  const { authentication, statusUpdatedAt, statusReason } = identity;
  const lastActivity = lines.lastActivity(deviceId);
  const thumbprints = authentication.type === 'selfSigned' ? authentication : undefined;
  return {
    deviceId,
    etag: twinEtag(writes),
    deviceEtag: identityEtag(identity.revision),
    status: identity.status,
    ...(statusReason !== undefined && { statusReason }),
    statusUpdateTime: statusUpdatedAt === undefined ? never : new Date(statusUpdatedAt).toISOString(),
    connectionState: lines.isConnected(deviceId) ? 'Connected' : 'Disconnected',
    lastActivityTime: lastActivity === undefined ? never : new Date(lastActivity).toISOString(),
    cloudToDeviceMessageCount: devicebound.count(deviceId),
    authenticationType: authentication.type,
    x509Thumbprint: {
      primaryThumbprint: thumbprints?.primaryThumbprint ?? null,
      secondaryThumbprint: thumbprints?.secondaryThumbprint ?? null,
    },
    modelId: '',
    version,
    ...(Object.keys(tags).length > 0 && { tags }),
    properties: { desired: sectionAnswer(desired), reported: sectionAnswer(reported) },
    capabilities: { iotEdge: false },
  };
}

const sectionAnswer = ({ value, metadata, version }: TwinSection) => ({
  ...value,
  $metadata: metadata,
  $version: version,
});
