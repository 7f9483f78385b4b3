import { z } from 'zod';
import { JobsRejection } from './rejection.ts';

/** What a device asks of the jobs service, over MQTT or HTTP. */
export type DeviceRequest =
  | { readonly kind: 'get-pending' }
  | ({ readonly kind: 'start-next' } & z.infer<typeof startBody>)
  | ({ readonly kind: 'describe'; readonly jobId: string } & z.infer<typeof describeBody>)
  | ({ readonly kind: 'update'; readonly jobId: string } & z.infer<typeof updateBody>);

const utf8 = new TextDecoder('utf-8', { fatal: true });
/** Null is as good as absent. */
const maybe = <T extends z.ZodType>(schema: T) => z.union([schema, z.null().transform(() => undefined)]).optional();

const statusDetails = z
  .record(
    z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/),
    z
      .string()
      .min(1)
      .max(1024)
      .regex(/^[^\p{C}]+$/u),
  )
  .refine((details) => Object.keys(details).length <= 10, 'has more than ten pairs');
const stepTimeout = z.union([z.literal(-1), z.number().int().min(1).max(10_080)]);
const wholeNumber = z.union([
  z.number().int().min(0),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);

const statuses = [
  'QUEUED',
  'IN_PROGRESS',
  'SUCCEEDED',
  'FAILED',
  'REJECTED',
  'TIMED_OUT',
  'REMOVED',
  'CANCELED',
] as const;

const startBody = z.object({ statusDetails: maybe(statusDetails), stepTimeoutInMinutes: maybe(stepTimeout) });

const describeBody = z.object({ executionNumber: maybe(wholeNumber), includeJobDocument: maybe(z.boolean()) });

const updateBody = z.object({
  status: z.enum(statuses),
  statusDetails: maybe(statusDetails),
  stepTimeoutInMinutes: maybe(stepTimeout),
  expectedVersion: maybe(wholeNumber),
  executionNumber: maybe(wholeNumber),
  includeJobExecutionState: maybe(z.boolean()),
  includeJobDocument: maybe(z.boolean()),
});

export type Asked =
  | { readonly kind: 'get-pending' | 'start-next' }
  | { readonly kind: 'describe' | 'update'; readonly jobId: string };

/** Throws `JobsRejection`. */
export function understood(asked: Asked, body: Readonly<Record<string, unknown>>): DeviceRequest {
  switch (asked.kind) {
    case 'get-pending':
      return { kind: asked.kind };
    case 'start-next':
      return { kind: asked.kind, ...parsed(startBody, body) };
    case 'describe':
      return { ...asked, kind: asked.kind, ...parsed(describeBody, body) };
    case 'update':
      return { ...asked, kind: asked.kind, ...parsed(updateBody, body) };
  }
}

/** An empty payload is an empty object. Throws `JobsRejection`. */
export function bodyOf(payload: Uint8Array): Readonly<Record<string, unknown>> {
  if (payload.byteLength === 0) return {};
  let json: unknown;
  try {
    json = JSON.parse(utf8.decode(payload));
  } catch {
    throw new JobsRejection('InvalidJson', 'The payload is not JSON in UTF-8.');
  }
  const body = z.record(z.string(), z.unknown()).safeParse(json);
  if (!body.success) throw new JobsRejection('InvalidJson', 'The payload is no JSON object.');
  return body.data;
}

/** Undefined where there is none. Throws `JobsRejection` on one that AWS IoT would not take. */
export function clientTokenOf({ clientToken }: Readonly<Record<string, unknown>>): string | undefined {
  if (clientToken === undefined || clientToken === null) return undefined;
  if (typeof clientToken === 'string' && Buffer.byteLength(clientToken) <= 64) return clientToken;
  throw new JobsRejection('InvalidRequest', 'A client token is a text of at most 64 bytes.');
}

function parsed<T>(schema: z.ZodType<T>, body: Readonly<Record<string, unknown>>): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const missing = result.error.issues.find(
    ({ path: [name] }) => name !== undefined && (body[String(name)] ?? null) === null,
  );
  if (missing !== undefined) {
    const name = String(missing.path[0]);
    const message = `Value null at '${name}' failed to satisfy constraint: Member must not be null`;
    throw new JobsRejection('InvalidRequest', message);
  }
  throw new JobsRejection('InvalidRequest', z.prettifyError(result.error));
}
