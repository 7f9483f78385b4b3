import { createHash, X509Certificate } from 'node:crypto';
import { type EnrollmentGroup, etagOf } from './enrollment-groups.ts';

/** A group as services see it; a signing certificate does not come back, only what stands in it. */
export function groupAnswer(group: EnrollmentGroup): object {
  const { attestation, webhook, initialTwin } = group;
  const [primary, secondary] = attestation.type === 'x509' ? attestation.signing.map(certificateAnswer) : [];
  return {
    enrollmentGroupId: group.id,
    attestation:
      attestation.type === 'x509'
        ? { type: 'x509', x509: { signingCertificates: { primary, ...(secondary && { secondary }) } } }
        : { type: 'symmetricKey' },
    provisioningStatus: group.status,
    reprovisionPolicy: group.reprovisioning,
    ...(initialTwin !== undefined && { initialTwin }),
    iotHubs: group.hubs,
    allocationPolicy: group.allocation,
    ...(webhook !== undefined && { customAllocationDefinition: webhook }),
    etag: etagOf(group),
    createdDateTimeUtc: new Date(group.createdAt).toISOString(),
    lastUpdatedDateTimeUtc: new Date(group.updatedAt).toISOString(),
  };
}

function certificateAnswer(pem: string): object {
  const { subject, issuer, raw, validFrom, validTo, serialNumber } = new X509Certificate(pem);
  const hash = (name: string) => createHash(name).update(raw).digest('hex').toUpperCase();
  const instant = (text: string) => new Date(Date.parse(text)).toISOString();
  return {
    info: {
      ...{ subjectName: subject.replaceAll('\n', ', '), issuerName: issuer.replaceAll('\n', ', '), serialNumber },
      ...{ sha1Thumbprint: hash('sha1'), sha256Thumbprint: hash('sha256'), version: 3 },
      ...{ notBeforeUtc: instant(validFrom), notAfterUtc: instant(validTo) },
    },
  };
}
