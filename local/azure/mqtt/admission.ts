import type { X509Certificate } from 'node:crypto';
import type { IConnectPacket } from 'mqtt-packet';
import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import { HubError } from '#local/azure/hub/hub-error.ts';
import { parseSas } from '#local/azure/sas.ts';
import { isGoodAt, isIssuedBy, type ShownChain } from '#local/azure/trusted-authorities.ts';
import { readPublication } from './topics.ts';
import type { Addressee } from './user-name.ts';

/** MQTT 3.1.1, 3.2.2.3 */
export const returnCode = {
  accepted: 0,
  unacceptableVersion: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const;

export type Admission =
  | {
      readonly kind: 'admitted';
      /** As events of the device name it (`iothub-connection-auth-method`). */
      readonly authMethod: string;
      /** s since the Unix epoch: then the hub ends the connection, and the device comes with a new signature. */
      readonly until: number | undefined;
    }
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string };

interface Door {
  readonly hub: LocalIotHub;
  /** Whose chains the hub trusts. */
  readonly authorities: () => readonly X509Certificate[];
}

const onThisMachine = /^(localhost|127\.0\.0\.1)(:\d+)?$/;

/** Who may connect, by what a device shows. Signatures and certificates count real time, as their makers do. */
export function admission(
  connect: IConnectPacket,
  { hostName, deviceId }: Addressee & { readonly kind: 'hub' },
  chain: ShownChain | undefined,
  { hub, authorities }: Door,
): Admission {
  if (connect.clientId !== deviceId) {
    return refused(returnCode.identifierRejected, `the client id ${connect.clientId} is not ${deviceId}`);
  }
  if (hostName !== hub.hostName && !onThisMachine.test(hostName)) {
    return refused(returnCode.notAuthorized, `${hostName} is not served here`);
  }
  const will = connect.will?.topic;
  if (will !== undefined && readPublication(will, deviceId)?.kind !== 'event') {
    return refused(returnCode.notAuthorized, 'a will goes to the events of its device');
  }
  const sas = connect.password?.toString();
  if (sas === undefined && chain === undefined) {
    return refused(returnCode.badUserNameOrPassword, `${deviceId} shows neither a signature nor a certificate`);
  }
  try {
    const { authentication } = hub.deviceAccess.admit(deviceId, { sas, certificate: shown(chain, authorities()) });
    hub.throttle.take('connects');
    const expiry = sas === undefined ? undefined : parseSas(sas)?.expiry;
    return {
      kind: 'admitted',
      authMethod: methodOf(authentication.type),
      until: expiry === undefined ? undefined : Number(expiry),
    };
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    if (error.code === 'ThrottlingException') return refused(returnCode.serverUnavailable, error.message);
    return refused(returnCode.notAuthorized, `what ${deviceId} shows is not good`);
  }
}

function shown(chain: ShownChain | undefined, authorities: readonly X509Certificate[]) {
  const now = Date.now();
  if (chain === undefined || !isGoodAt(chain.certificate, now)) return undefined;
  return { x509: chain.certificate, trusted: isIssuedBy(chain, authorities, now) };
}

const refused = (code: number, reason: string): Admission => ({ kind: 'refused', code, reason });

const methodNames: Readonly<Record<string, string>> = {
  selfSigned: 'x509Certificate',
  certificateAuthority: 'x509CertificateAuthority',
};

const methodOf = (type: string): string =>
  JSON.stringify({
    scope: 'device',
    type: methodNames[type] ?? type,
    issuer: type === 'sas' ? 'iothub' : 'external',
    acceptingIpFilterRule: null,
  });
