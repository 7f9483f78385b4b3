import * as z from 'zod/mini';
import {
  type Import,
  type ImportId,
  importIdPattern,
  importProblemCodes,
  isImportId,
  linesOf,
  percentBefore,
  type Run,
} from '#shared/transfers/import.ts';
import { transferFormats } from '#shared/transfers/transfer-format.ts';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, instant, isoTime, text } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';

const tag = 'Transfers';

const importIdText = text<ImportId>(isImportId, () => 'is no import id', {
  pattern: importIdPattern.source,
  description: 'Identifier of the import',
});

const count = (description: string) => as(z.int(), { description, minimum: 0 });

const importSchema = as(
  z.object({
    importId: z.string(),
    format: z.enum(transferFormats),
    status: as(z.enum(['waiting', 'running', 'done', 'failed']), {
      description:
        '`waiting` for the file; `running`; `done`: each line was judged; `failed`: see `problem`. What is registered stays in any case.',
    }),
    registered: count('Vehicles that this import brought in'),
    unchanged: count('Lines whose vehicle was registered in just that way before'),
    failed: count('Lines that are in the report with what is wrong with them'),
    progress: z.exactOptional(
      z.object({
        lines: count('Lines behind it, with header and empty ones'),
        bytesRead: count('Bytes behind it'),
        bytes: count('Bytes of the file'),
        percent: z.int().check(z.gte(0), z.lte(100)),
        linesPerSecond: z.exactOptional(count('Since it began')),
        secondsLeft: z.exactOptional(count('If it goes on like that')),
      }),
    ),
    problem: z.exactOptional(
      z.object({
        code: z.enum(importProblemCodes),
        detail: z.string(),
        line: z.exactOptional(z.int()),
        errors: z.exactOptional(z.array(z.object({ pointer: z.string(), detail: z.string() }))),
      }),
    ),
    reportUrl: z.exactOptional(
      as(z.string(), {
        format: 'uri',
        description:
          'The failed lines as NDJSON (`line`, `code`, `detail`, `errors`), empty if none did. Good for an hour at most; each question brings a new one.',
      }),
    ),
    createdAt: instant(),
    startedAt: z.exactOptional(instant('When the file was there')),
    endedAt: z.exactOptional(instant()),
  }),
  { id: 'Import' },
);

const example: z.infer<typeof importSchema> = {
  importId: 'imp-k3vq7n2mzt5ahx6cwp4r',
  format: 'csv',
  status: 'done',
  ...{ registered: 99_996, unchanged: 2, failed: 2 },
  progress: { lines: 100_001, bytesRead: 4_200_061, bytes: 4_200_061, percent: 100, linesPerSecond: 1400 },
  reportUrl: 'https://fleetloom.s3.eu-central-1.amazonaws.com/reports/imp-k3vq7n2mzt5ahx6cwp4r.ndjson?X-Amz-…',
  createdAt: '2026-11-21T08:30:00.000Z',
  startedAt: '2026-11-21T08:30:12.000Z',
  endedAt: '2026-11-21T08:31:23.000Z',
};

const startedSchema = as(
  z.object({
    importId: z.string(),
    uploadUrl: as(z.string(), {
      format: 'uri',
      description:
        'PUT the file there, once, at once; another one after it is answered 200 by the storage too, but nobody reads it: start another import for it. The URL is good for an hour, or less where the credentials that signed it end before (403; start another import). Whoever has it may do it: it is a secret.',
    }),
  }),
  { id: 'StartedImport' },
);

const startImport = route({
  ...{ method: 'POST', path: '/v1/imports', operationId: 'startImport', tag },
  summary: 'Bring in many vehicles from a file',
  description:
    'The file is UTF-8, at most 1 GiB, each line a vehicle by the rules of `POST /v1/vehicles`. NDJSON: its body, a line each. CSV (RFC 4180, comma or semicolon): a header with the names of its members in any order; a line break always ends a record. Lines end with LF, CRLF or CR and hold 64 KiB at most, empty ones are passed over. Of a VIN that stands there twice the first line counts. The import begins by itself when the file is there.',
  scopes: ['manage_vehicles'],
  audit: 'import.start',
  pathSchema: z.object({}),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ format: z.enum(transferFormats) }), { id: 'ImportOrder' }),
    mediaTypes: ['application/json'],
    examples: { csv: { format: 'csv' }, ndjson: { format: 'ndjson' } },
  },
  replies: {
    201: {
      description: 'It waits for the file',
      schema: startedSchema,
      example: {
        importId: example.importId,
        uploadUrl: 'https://fleetloom.s3.eu-central-1.amazonaws.com/imports/imp-k3vq7n2mzt5ahx6cwp4r?X-Amz-…',
      },
      headers: { Location: 'Where its progress can be read' },
    },
  },
  async handle({ body, caller, operation }, services) {
    const started = await services.imports.start(caller, body.format, operation);
    return { status: 201, body: started, headers: { location: `/v1/imports/${started.importId}` } };
  },
});

const getImport = route({
  ...{ method: 'GET', path: '/v1/imports/{importId}', operationId: 'getImport', tag },
  summary: 'How far an import is, and what came of it',
  scopes: ['manage_vehicles'],
  pathSchema: z.object({ importId: importIdText }),
  ...pathAlone,
  replies: { 200: { description: 'The import', schema: importSchema, example } },
  problems: ['import-not-found'],
  async handle({ path: { importId }, caller }, services) {
    const { task, reportUrl } = await services.imports.get(caller, importId);
    const body = { ...viewOf(task, services.clock.now()), ...(reportUrl !== undefined && { reportUrl }) };
    // The URL opens the report to whoever has it.
    return { status: 200, body, headers: { 'cache-control': 'no-store' } };
  },
});

export const importRoutes: readonly VehicleRoute[] = [startImport, getImport];

const none = { registered: 0, unchanged: 0, failed: 0 };

function viewOf({ importId, format, createdAt, state }: Import, now: number): z.infer<typeof importSchema> {
  const view = { importId, format, createdAt: isoTime(createdAt), status: state.status };
  switch (state.status) {
    case 'waiting':
      return { ...view, ...none };
    case 'running':
      return { ...view, ...runView(state, now) };
    case 'done':
      return { ...view, ...runView(state, state.endedAt), endedAt: isoTime(state.endedAt) };
    case 'failed': {
      const { code, detail, line, errors } = state.problem;
      const problem = {
        ...{ code, detail },
        ...(line !== undefined && { line }),
        ...(errors !== undefined && { errors: [...errors] }),
      };
      const run = state.run === undefined ? none : runView(state.run, state.endedAt);
      return { ...view, ...run, problem, endedAt: isoTime(state.endedAt) };
    }
  }
}

function runView(run: Run, until: number) {
  const { startedAt, checkpoint, file } = run;
  const lines = linesOf(run);
  const bytesRead = checkpoint.place.offset;
  const seconds = Math.max(0.001, (until - startedAt) / 1000);
  const pace = { linesPerSecond: Math.round(lines / seconds) };
  const left = { secondsLeft: Math.ceil(((file.bytes - bytesRead) / Math.max(1, bytesRead)) * seconds) };
  return {
    ...checkpoint.counts,
    progress: {
      ...{ lines, bytesRead, bytes: file.bytes },
      percent: percentBefore(bytesRead, file),
      ...(bytesRead > 0 && { ...pace, ...(bytesRead < file.bytes && left) }),
    },
    startedAt: isoTime(startedAt),
  };
}
