import * as z from 'zod/mini';
import { type Caller, requireBrand, requireScope } from '#shared/access/caller.ts';
import { reasonFault, reasonPattern } from '#shared/audit/audit-record.ts';
import type { Brand } from '#shared/registry/brand.ts';
import {
  type Export,
  type ExportId,
  exportIdPattern,
  exportProblemCodes,
  isExportId,
} from '#shared/transfers/export.ts';
import { transferFormats } from '#shared/transfers/transfer-format.ts';
import { requireKnownBrand } from '../known-brand.ts';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, brandText, instant, isoTime, marketText, modelText, text } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';

import { statusSchema } from './vehicle-view.ts';

const tag = 'Transfers';

const exportIdText = text<ExportId>(isExportId, () => 'is no export id', {
  pattern: exportIdPattern.source,
  description: 'Identifier of the export',
});

const reasonText = text<string>(
  (value): value is string => reasonFault(value) === undefined,
  (value) => reasonFault(value) ?? 'is no reason',
  { pattern: reasonPattern.source, description: 'Why it is needed; stays in the audit' },
);

const orderSchema = as(
  z.strictObject({
    format: z.enum(transferFormats),
    brand: z.exactOptional(brandText),
    model: z.exactOptional(modelText),
    market: z.exactOptional(marketText),
    status: z.exactOptional(statusSchema),
    withVin: as(z._default(z.boolean(), false), {
      description:
        'True: the registrations with their VINs and homes, as an import takes them; needs the scope `read_vin`. False: vehicle ids and what is no personal data.',
    }),
    reason: reasonText,
  }),
  { id: 'ExportOrder' },
);

const exportSchema = as(
  z.object({
    exportId: z.string(),
    format: z.enum(transferFormats),
    status: z.enum(['running', 'done', 'failed']),
    vehicles: as(z.int(), { description: 'Vehicles in the file so far', minimum: 0 }),
    bytes: as(z.int(), { description: 'Bytes of the file so far', minimum: 0 }),
    problem: z.exactOptional(z.object({ code: z.enum(exportProblemCodes), detail: z.string() })),
    downloadUrl: z.exactOptional(
      as(z.string(), {
        format: 'uri',
        description:
          'The file, for a week. The URL is good for an hour at most, each question brings a new one; it is a secret.',
      }),
    ),
    createdAt: instant(),
    endedAt: z.exactOptional(instant()),
  }),
  { id: 'Export' },
);

const begunExample: z.infer<typeof exportSchema> = {
  exportId: 'exp-k3vq7n2mzt5ahx6cwp4r',
  format: 'csv',
  status: 'running',
  ...{ vehicles: 0, bytes: 0 },
  createdAt: '2026-11-21T08:30:00.000Z',
};
const doneExample: z.infer<typeof exportSchema> = {
  ...begunExample,
  status: 'done',
  ...{ vehicles: 100_000, bytes: 4_200_061 },
  downloadUrl: 'https://fleetloom.s3.eu-central-1.amazonaws.com/exports/exp-k3vq7n2mzt5ahx6cwp4r.csv?X-Amz-…',
  endedAt: '2026-11-21T08:30:21.000Z',
};

const startExport = route({
  ...{ method: 'POST', path: '/v1/exports', operationId: 'startExport', tag },
  summary: 'Take many vehicles out into a file',
  description:
    'All filters have to hold; without a brand, every brand of the client. The registry may change meanwhile.',
  scopes: ['read_vehicles'],
  audit: 'export.start',
  pathSchema: z.object({}),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: orderSchema,
    mediaTypes: ['application/json'],
    examples: {
      fleet: { format: 'csv', brand: 'volkswagen', withVin: true, reason: 'Hand-over to the leasing company' },
    },
  },
  replies: {
    202: {
      description: 'It is made',
      schema: exportSchema,
      example: begunExample,
      headers: { Location: 'Where its progress can be read' },
    },
  },
  problems: ['scope-missing', 'brand-not-allowed', 'unknown-brand'],
  async permit({ body, caller }) {
    requireRights(caller, body.brand, body.withVin);
  },
  async handle({ body, caller, operation }, services) {
    if (body.brand !== undefined) requireKnownBrand(services, body.brand, '/brand');
    requireRights(caller, body.brand, body.withVin);
    const { format, brand, withVin, reason, ...filters } = body;
    const query = { ...filters, brands: brand === undefined ? caller.brands : [brand] };
    const task = await services.exports.start(caller, { format, withVin, reason, query }, operation);
    return { status: 202, body: viewOf(task), headers: { location: `/v1/exports/${task.exportId}` } };
  },
});

const getExport = route({
  ...{ method: 'GET', path: '/v1/exports/{exportId}', operationId: 'getExport', tag },
  summary: 'How far an export is, and where its file is',
  scopes: ['read_vehicles'],
  pathSchema: z.object({ exportId: exportIdText }),
  ...pathAlone,
  replies: { 200: { description: 'The export', schema: exportSchema, example: doneExample } },
  problems: ['export-not-found', 'scope-missing', 'brand-not-allowed'],
  async handle({ path: { exportId }, caller }, services) {
    const { task, downloadUrl } = await services.exports.get(caller, exportId);
    // Rights may have gone since it was started.
    if (task.withVin) requireScope(caller, 'read_vin');
    for (const brand of task.query.brands) requireBrand(caller, brand);
    const body = { ...viewOf(task), ...(downloadUrl !== undefined && { downloadUrl }) };
    return { status: 200, body, headers: { 'cache-control': 'no-store' } };
  },
});

export const exportRoutes: readonly VehicleRoute[] = [startExport, getExport];

function requireRights(caller: Caller, brand: Brand | undefined, withVin: boolean): void {
  if (withVin) requireScope(caller, 'read_vin');
  if (brand !== undefined) requireBrand(caller, brand);
}

function viewOf({ exportId, format, createdAt, state }: Export): z.infer<typeof exportSchema> {
  const view = { exportId, format, createdAt: isoTime(createdAt), status: state.status, vehicles: 0, bytes: 0 };
  switch (state.status) {
    case 'running':
      return { ...view, vehicles: state.written.vehicles, bytes: state.written.bytes };
    case 'done':
      return { ...view, vehicles: state.vehicles, bytes: state.bytes, endedAt: isoTime(state.endedAt) };
    case 'failed':
      return { ...view, problem: state.problem, endedAt: isoTime(state.endedAt) };
  }
}
