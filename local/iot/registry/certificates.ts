import { X509Certificate } from 'node:crypto';
import { certificateIdOf } from '../authority/fingerprint.ts';
import type { CertificateStatus } from '../broker/principals.ts';
import { alreadyExists, certificateState, deleteConflict, invalidRequest, notFound } from './errors.ts';
import { type CertificateRecord, inOrder, type Records } from './records.ts';

/** Ends the connections of a certificate. */
export type CutOff = (certificateId: string) => void;

export interface CertificateRules {
  /** How long connections outlive the deactivation of their certificate, in ms (AWS takes minutes). */
  readonly cutOffDelay: number;
  readonly cutOff: CutOff;
}

/** Certificates by id, each with its status. */
export class Certificates {
  readonly #records: Records;
  readonly #rules: CertificateRules;

  constructor(records: Records, rules: CertificateRules) {
    this.#records = records;
    this.#rules = rules;
  }

  /** @param mode `SNI_ONLY`: registered without its authority */
  register(
    certificatePem: string,
    status: CertificateStatus,
    mode: CertificateRecord['mode'] = 'DEFAULT',
  ): CertificateRecord {
    const certificateId = certificateIdOf(parse(certificatePem).raw);
    if (this.#records.certificates.has(certificateId)) {
      const arn = this.#records.arns.certificate(certificateId);
      throw alreadyExists('The certificate is already provisioned or registered', certificateId, arn);
    }
    const now = this.#records.clock.now();
    return this.#save({
      certificateId,
      certificatePem,
      status,
      mode,
      createdAt: now,
      modifiedAt: now,
      customerVersion: 1,
      policies: [],
      things: [],
    });
  }

  find(certificateId: string): CertificateRecord | undefined {
    return this.#records.certificates.get(certificateId);
  }

  get(certificateId: string): CertificateRecord {
    const certificate = this.find(certificateId);
    if (certificate === undefined) throw notFound(`The certificate with id ${certificateId} does not exist.`);
    return certificate;
  }

  /** The oldest first. */
  list(): readonly CertificateRecord[] {
    return inOrder(this.#records.certificates.values(), (each) => this.orderOf(each));
  }

  /** Where a certificate stands in the list. */
  orderOf({ createdAt, certificateId }: CertificateRecord): string {
    return `${String(createdAt).padStart(16, '0')}${certificateId}`;
  }

  /** A revoked certificate stays revoked. One that may no longer connect is cut off after the delay. */
  setStatus(certificateId: string, status: CertificateStatus): CertificateRecord {
    const certificate = this.get(certificateId);
    if (status === 'PENDING_TRANSFER' || status === 'REGISTER_INACTIVE') {
      throw invalidRequest(`A certificate cannot be set to ${status}.`);
    }
    if (certificate.status === status) return certificate;
    if (certificate.status === 'REVOKED') throw certificateState('A revoked certificate cannot be changed.');
    const changed = this.#save({
      ...certificate,
      status,
      modifiedAt: this.#records.clock.now(),
      customerVersion: certificate.customerVersion + 1,
    });
    if (status !== 'ACTIVE') this.#cutOffLater(certificateId);
    return changed;
  }

  /** @param force deletes it although policies are attached; it must be inactive and off any thing all the same */
  delete(certificateId: string, force = false): void {
    const { status, things, policies } = this.get(certificateId);
    if (status === 'ACTIVE') {
      throw certificateState(`Certificate must be deactivated (not ACTIVE) before deletion. id=${certificateId}`);
    }
    if (things.length > 0) {
      throw deleteConflict(
        `Things must be detached before deletion (arn: ${this.#records.arns.certificate(certificateId)})`,
      );
    }
    if (policies.length > 0 && !force) {
      throw deleteConflict(`Certificate policies must be detached before deletion (id: ${certificateId})`);
    }
    this.#records.certificates.delete(certificateId);
    this.#rules.cutOff(certificateId);
  }

  #cutOffLater(certificateId: string): void {
    this.#records.clock.after(this.#rules.cutOffDelay, () => {
      if (this.find(certificateId)?.status !== 'ACTIVE') this.#rules.cutOff(certificateId);
    });
  }

  #save(certificate: CertificateRecord): CertificateRecord {
    this.#records.certificates.set(certificate.certificateId, certificate);
    return certificate;
  }
}

function parse(certificatePem: string): X509Certificate {
  try {
    return new X509Certificate(certificatePem);
  } catch {
    throw invalidRequest('The certificate is not a certificate in PEM.');
  }
}
