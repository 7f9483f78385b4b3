import * as z from 'zod/mini';
import { pathAlone } from '../route.ts';
import { as, instant, isoTime, vehicleIdText } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';

const tag = 'Registry';
const onePath = z.object({ vehicleId: vehicleIdText });

const certificateId = as(z.string(), { description: 'SHA-256 of the certificate (DER), hex' });

const certificateSchema = as(
  z.object({
    certificateId,
    use: as(z.enum(['present', 'next']), {
      description: '`next`: the vehicle changes to it; its first connection with it ends the present one',
    }),
    status: as(z.enum(['ACTIVE', 'INACTIVE', 'REVOKED']), { description: 'What it opens today' }),
    expiresAt: instant(),
  }),
  { id: 'Certificate' },
);

const example = {
  certificateId: '3f0a…c1',
  use: 'present',
  status: 'ACTIVE',
  expiresAt: '2049-12-31T23:59:59.000Z',
};

const listCertificates = route({
  ...{ method: 'GET', path: '/v1/vehicles/{vehicleId}/certificates', operationId: 'listCertificates', tag },
  summary: 'The certificates that a vehicle connects with',
  description: 'One, or two while it changes; none before it has provisioned itself.',
  scopes: ['read_vehicles'],
  pathSchema: onePath,
  ...pathAlone,
  replies: {
    200: {
      description: 'The certificates that the registry holds',
      schema: z.object({ certificates: z.array(certificateSchema) }),
      example: { certificates: [example] },
    },
  },
  problems: ['vehicle-not-found'],
  async handle({ path: { vehicleId }, caller }, services) {
    const held = await services.certificates.list(caller, vehicleId);
    const certificates = held.map(({ certificateId: id, use, status, expiresAt }) => ({
      ...{ certificateId: id, use, status },
      expiresAt: isoTime(expiresAt),
    }));
    return { status: 200, body: { certificates } };
  },
});

const rotateCertificate = route({
  ...{ method: 'POST', path: '/v1/vehicles/{vehicleId}/certificate-rotation', operationId: 'rotateCertificate', tag },
  summary: 'Ask a vehicle to change its certificate',
  description:
    'It does so as soon as it is online. The new certificate ends the former one when the vehicle connects with it; `GET …/certificates` shows how far it is. Asking again changes nothing.',
  scopes: ['manage_vehicles'],
  audit: 'certificate.rotate',
  pathSchema: onePath,
  ...pathAlone,
  replies: {
    202: {
      description: 'The vehicle is asked',
      schema: z.object({
        vehicleId: z.string(),
        certificateId: as(z.string(), { description: 'The one that is to be given up' }),
        state: as(z.enum(['asked', 'under-way']), { description: '`under-way`: its next certificate is reserved' }),
      }),
      example: { vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', certificateId: '3f0a…c1', state: 'asked' },
    },
  },
  problems: [
    'vehicle-not-found',
    'vehicle-expected',
    'vehicle-provisioned',
    'vehicle-suspended',
    'vehicle-retired',
    'vehicle-not-provisioned',
    'rotation-not-offered',
  ],
  async permit({ path, caller }, services) {
    await services.vehicles.require(caller, path.vehicleId);
  },
  async handle({ path: { vehicleId }, caller }, services) {
    return { status: 202, body: { vehicleId, ...(await services.certificates.askForRotation(caller, vehicleId)) } };
  },
});

export const certificateRoutes: readonly VehicleRoute[] = [listCertificates, rotateCertificate];
