import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Authority } from '../../authority/authority.ts';
import { invalidRequest } from '../errors.ts';
import type { CertificateRecord } from '../records.ts';
import type { Registry } from '../registry.ts';
import { answer, done, markerPages, type RestCall, type Route, seconds } from '../rest.ts';

const statuses = ['ACTIVE', 'INACTIVE', 'REVOKED', 'PENDING_ACTIVATION'] as const;
const fromCsr = z.strictObject({ certificateSigningRequest: z.string().min(1) });
const withoutCa = z.strictObject({ certificatePem: z.string().min(1), status: z.enum(statuses).optional() });

export interface CertificateRouteOptions {
  readonly registry: Registry;
  readonly authority: Pick<Authority, 'signCsr' | 'createKeysAndCertificate'>;
  readonly accountId: string;
}

/** Making certificates: IAM knows no resource for it, since none is there yet. */
export function certificateCreationRoutes({ registry, authority }: CertificateRouteOptions): readonly Route[] {
  const { certificates, arns } = registry;
  const register = (pem: string, status: (typeof statuses)[number], mode?: CertificateRecord['mode']) => {
    const { certificateId } = certificates.register(pem, status, mode);
    return { certificateArn: arns.certificate(certificateId), certificateId };
  };
  const initial = (call: RestCall) => (call.flag('setAsActive') ? 'ACTIVE' : 'INACTIVE');
  const to = (action: string) => [{ action: `iot:${action}`, resource: '*' }];

  return [
    {
      name: 'CreateKeysAndCertificate',
      method: 'POST',
      path: '/keys-and-certificate',
      query: ['setAsActive'],
      understand(call) {
        const status = initial(call);
        return {
          permissions: to('CreateKeysAndCertificate'),
          async run() {
            const { certificatePem, publicKeyPem, privateKeyPem } = await authority.createKeysAndCertificate();
            const keyPair = { PublicKey: publicKeyPem, PrivateKey: privateKeyPem };
            return answer({ ...register(certificatePem, status), certificatePem, keyPair });
          },
        };
      },
    },
    {
      name: 'CreateCertificateFromCsr',
      method: 'POST',
      path: '/certificates',
      query: ['setAsActive'],
      understand(call) {
        const status = initial(call);
        const { certificateSigningRequest } = call.json(fromCsr);
        return {
          permissions: to('CreateCertificateFromCsr'),
          async run() {
            const { certificatePem } = await authority.signCsr(certificateSigningRequest);
            return answer({ ...register(certificatePem, status), certificatePem });
          },
        };
      },
    },
    {
      name: 'RegisterCertificateWithoutCA',
      method: 'POST',
      path: '/certificate/register-no-ca',
      understand(call) {
        const { certificatePem, status = 'INACTIVE' } = call.json(withoutCa);
        return {
          permissions: to('RegisterCertificateWithoutCA'),
          run: () => answer(register(certificatePem, status, 'SNI_ONLY')),
        };
      },
    },
  ];
}

export function certificateRoutes({ registry, accountId }: CertificateRouteOptions): readonly Route[] {
  const { certificates, arns } = registry;
  const id = (call: RestCall) => call.parameter('certificateId');
  const on = (action: string, call: RestCall) => [{ action: `iot:${action}`, resource: arns.certificate(id(call)) }];
  const listed = (certificate: CertificateRecord) => ({
    certificateArn: arns.certificate(certificate.certificateId),
    certificateId: certificate.certificateId,
    status: certificate.status,
    certificateMode: certificate.mode ?? 'DEFAULT',
    creationDate: seconds(certificate.createdAt),
  });

  return [
    {
      name: 'DescribeCertificate',
      method: 'GET',
      path: '/certificates/{certificateId}',
      understand: (call) => ({
        permissions: on('DescribeCertificate', call),
        run() {
          const certificate = certificates.get(id(call));
          const { validFrom, validTo } = new X509Certificate(certificate.certificatePem);
          return answer({
            certificateDescription: {
              ...listed(certificate),
              certificatePem: certificate.certificatePem,
              ownedBy: accountId,
              lastModifiedDate: seconds(certificate.modifiedAt),
              customerVersion: certificate.customerVersion,
              generationId: certificate.certificateId.slice(0, 32),
              validity: { notBefore: seconds(Date.parse(validFrom)), notAfter: seconds(Date.parse(validTo)) },
            },
          });
        },
      }),
    },
    {
      name: 'ListCertificates',
      method: 'GET',
      path: '/certificates',
      query: ['pageSize', 'marker', 'isAscendingOrder'],
      understand(call) {
        // Oldest first is the only order kept; AWS documents no order for the default.
        call.flag('isAscendingOrder');
        return {
          permissions: [{ action: 'iot:ListCertificates', resource: '*' }],
          run() {
            const { items, next } = call.page(certificates.list(), (each) => certificates.orderOf(each), markerPages);
            return answer({ certificates: items.map(listed), ...next });
          },
        };
      },
    },
    {
      name: 'UpdateCertificate',
      method: 'PUT',
      path: '/certificates/{certificateId}',
      query: ['newStatus'],
      understand(call) {
        const status = z.enum(statuses).safeParse(call.query('newStatus'));
        if (!status.success) throw invalidRequest(`newStatus is one of ${statuses.join(', ')}.`);
        return {
          permissions: on('UpdateCertificate', call),
          run() {
            certificates.setStatus(id(call), status.data);
            return done();
          },
        };
      },
    },
    {
      name: 'DeleteCertificate',
      method: 'DELETE',
      path: '/certificates/{certificateId}',
      query: ['forceDelete'],
      understand(call) {
        const force = call.flag('forceDelete');
        return {
          permissions: on('DeleteCertificate', call),
          run() {
            certificates.delete(id(call), force);
            return done();
          },
        };
      },
    },
  ];
}
