import { createHash, type X509Certificate } from 'node:crypto';
import { covers, isExpired, isSignedBy, parseSas } from '../sas.ts';
import type { DeviceIdentity } from './device-identity.ts';
import { HubError } from './hub-error.ts';
import type { Identities } from './identities.ts';
import type { Policies } from './policies.ts';

export interface DeviceCredential {
  /** The password of CONNECT. */
  readonly sas?: string | undefined;
  /** What the device proved in the TLS handshake; whether an authority that the hub trusts has signed it. */
  readonly certificate?: { readonly x509: X509Certificate; readonly trusted: boolean } | undefined;
}

/** Who a device is. */
export class DeviceAccess {
  readonly #identities: Identities;
  readonly #policies: Policies;
  /** The names under which devices know this hub; without a port. */
  readonly #hosts: readonly string[];

  constructor(parts: {
    readonly identities: Identities;
    readonly policies: Policies;
    readonly hosts: readonly string[];
  }) {
    this.#identities = parts.identities;
    this.#policies = parts.policies;
    this.#hosts = parts.hosts;
  }

  /** @throws HubError IotHubUnauthorizedAccess, the same words for everything that is wrong */
  admit(deviceId: string, credential: DeviceCredential): DeviceIdentity {
    const identity = this.#identities.find(deviceId);
    const known = identity !== undefined && identity.status === 'enabled' && this.#proves(identity, credential);
    if (!known) throw new HubError('IotHubUnauthorizedAccess', 'Unauthorized');
    return identity;
  }

  #proves({ deviceId, authentication }: DeviceIdentity, { sas, certificate }: DeviceCredential): boolean {
    switch (authentication.type) {
      case 'sas':
        return (
          sas !== undefined && this.#signed(deviceId, sas, [authentication.primaryKey, authentication.secondaryKey])
        );
      case 'selfSigned': {
        const known = [authentication.primaryThumbprint, authentication.secondaryThumbprint];
        return certificate !== undefined && thumbprints(certificate.x509).some((each) => known.includes(each));
      }
      case 'certificateAuthority':
        return certificate?.trusted === true && commonName(certificate.x509) === deviceId;
      case 'none':
        return false;
    }
  }

  #signed(deviceId: string, text: string, own: readonly string[]): boolean {
    const sas = parseSas(text);
    if (sas === undefined || isExpired(sas)) return false;
    const portless = { ...sas, resource: sas.resource.replace(/^([^/:]+):\d+/, '$1') };
    if (!this.#hosts.some((host) => covers(portless, `${host}/devices/${deviceId}`))) return false;
    if (sas.policy === undefined) return isSignedBy(sas, own);
    const policy = this.#policies.get(sas.policy);
    if (policy === undefined || !policy.rights.includes('DeviceConnect')) return false;
    return isSignedBy(sas, [policy.primaryKey, policy.secondaryKey]);
  }
}

function thumbprints({ raw }: X509Certificate): readonly string[] {
  return ['sha1', 'sha256'].map((hash) => createHash(hash).update(raw).digest('hex').toUpperCase());
}

function commonName({ subject }: X509Certificate): string | undefined {
  return subject
    .split('\n')
    .find((line) => line.startsWith('CN='))
    ?.slice(3);
}
