import { X509Certificate } from 'node:crypto';
import { covers, isExpired, isSignedBy, parseSas } from '#local/azure/sas.ts';
import { commonNameOf, isIssuedBy, type ShownChain } from '#local/azure/trusted-authorities.ts';
import { derivedKey, type EnrollmentGroup } from './enrollment-groups.ts';
import { unauthorized } from './provisioning-error.ts';

/** What a device has shown when it connected. */
export interface ShownProof {
  readonly scope: string;
  readonly registrationId: string;
  readonly chain: ShownChain | undefined;
  readonly sas: string | undefined;
}

/** By which group a device may come. */
export interface Attested {
  readonly group: EnrollmentGroup;
  /** PEM; undefined where a key has signed. */
  readonly certificatePem: string | undefined;
}

/** @throws ProvisioningError 401002: the same for everything that is wrong but for the words */
export function attested(proof: ShownProof, groups: readonly EnrollmentGroup[]): Attested {
  const proven = groups.filter((group) => proves(proof, group));
  const found = proven.find(({ status }) => status === 'enabled') ?? proven[0];
  if (found === undefined) {
    throw unauthorized(
      proof.sas === undefined ? 'CA certificate not found.' : 'Authorization failed for the connection.',
    );
  }
  if (found.status === 'disabled') throw unauthorized('The enrollment group is disabled.');
  const { chain, registrationId } = proof;
  if (found.attestation.type === 'symmetricKey' || chain === undefined) {
    return { group: found, certificatePem: undefined };
  }
  if (commonNameOf(chain.certificate) !== registrationId) {
    throw unauthorized('The common name of the certificate is not the registration id.');
  }
  return { group: found, certificatePem: chain.certificate.toString() };
}

function proves({ scope, registrationId, chain, sas }: ShownProof, { attestation }: EnrollmentGroup): boolean {
  if (attestation.type === 'x509') {
    const authorities = attestation.signing.map((pem) => new X509Certificate(pem));
    return sas === undefined && chain !== undefined && isIssuedBy(chain, authorities, Date.now());
  }
  const signature = sas === undefined ? undefined : parseSas(sas);
  if (signature === undefined || isExpired(signature)) return false;
  const keys = [attestation.primaryKey, attestation.secondaryKey].map((key) => derivedKey(key, registrationId));
  return covers(signature, `${scope}/registrations/${registrationId}`) && isSignedBy(signature, keys);
}
