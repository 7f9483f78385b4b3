import * as z from 'zod/mini';
import type { VehicleEcus } from '#shared/ota/director/ecu-service.ts';
import { noBody, noHeaders, noQuery } from '../route.ts';
import { as, instant, isoTime, text, vehicleIdText } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';

const tag = 'Releases';
const ecuIdText = text<string>(
  (value): value is string => /^[\w.:+-]{1,64}$/.test(value),
  () => 'is no ECU',
  { pattern: '^[A-Za-z0-9_.:+-]{1,64}$', description: 'Control unit, as the vehicle calls it' },
);
const vehiclePath = z.object({ vehicleId: vehicleIdText });
const ecuPath = z.object({ vehicleId: vehicleIdText, ecuId: ecuIdText });

const keyId = as(z.string().check(z.regex(/^[0-9a-f]{64}$/)), {
  description: 'SHA-256 of the key that it signs its reports with',
});
const ecu = { ecuId: z.string(), hardwareId: z.string(), keyId };

const ecusSchema = as(
  z.object({
    known: as(z.array(z.object(ecu)), { description: 'Learned with the first report, or accepted since' }),
    unknown: as(z.array(z.object({ ...ecu, seenAt: instant() })), {
      description: 'New, or with another key or hardware: until they are accepted the vehicle gets no software',
    }),
  }),
  { id: 'ControlUnits' },
);

const id = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const example = {
  known: [{ ecuId: 'gateway', hardwareId: 'ID.3-gw-2', keyId: id }],
  unknown: [{ ecuId: 'airbag', hardwareId: 'ID.3-ab-1', keyId: id, seenAt: '2026-11-21T08:30:00.000Z' }],
};
const replies = { 200: { description: 'As it is now', schema: ecusSchema, example } };
const common = { tag, querySchema: noQuery, headerSchema: noHeaders, replies };

const listEcus = route({
  ...common,
  ...{ method: 'GET', path: '/v1/vehicles/{vehicleId}/control-units', operationId: 'listControlUnits' },
  summary: 'The control units that a vehicle signs its software reports with',
  scopes: ['read_releases'],
  pathSchema: vehiclePath,
  body: noBody,
  problems: ['vehicle-not-found'],
  async handle({ path: { vehicleId }, caller }, { ecus }) {
    return { status: 200, body: viewOf(await ecus.list(caller, vehicleId)) };
  },
});

const acceptEcu = route({
  ...common,
  ...{
    method: 'POST',
    path: '/v1/vehicles/{vehicleId}/control-units/{ecuId}/accept',
    operationId: 'acceptControlUnit',
  },
  summary: 'Accept a control unit that was changed or added',
  scopes: ['assist_updates'],
  audit: 'control-unit.accept',
  pathSchema: ecuPath,
  body: {
    schema: as(z.strictObject({ keyId }), { id: 'ControlUnitAcceptance' }),
    mediaTypes: ['application/json'],
    examples: { swapped: { keyId: id } },
  },
  problems: ['vehicle-not-found', 'ecu-not-found'],
  async permit({ path: { vehicleId }, caller }, { vehicles }) {
    await vehicles.require(caller, vehicleId);
  },
  async handle({ path: { vehicleId, ecuId }, body, caller }, { ecus }) {
    return { status: 200, body: viewOf(await ecus.accept(caller, vehicleId, ecuId, body.keyId)) };
  },
});

const forgetEcu = route({
  ...common,
  ...{ method: 'DELETE', path: '/v1/vehicles/{vehicleId}/control-units/{ecuId}', operationId: 'forgetControlUnit' },
  summary: 'Forget a control unit that was taken out for good',
  scopes: ['assist_updates'],
  audit: 'control-unit.forget',
  pathSchema: ecuPath,
  body: noBody,
  problems: ['vehicle-not-found', 'ecu-not-found'],
  async handle({ path: { vehicleId, ecuId }, caller }, { ecus }) {
    return { status: 200, body: viewOf(await ecus.forget(caller, vehicleId, ecuId)) };
  },
});

export const controlUnitRoutes: readonly VehicleRoute[] = [listEcus, acceptEcu, forgetEcu];

function viewOf({ known, unknown }: VehicleEcus): z.infer<typeof ecusSchema> {
  return { known: [...known], unknown: unknown.map((one) => ({ ...one, seenAt: isoTime(one.seenAt) })) };
}
