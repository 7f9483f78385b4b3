import * as z from 'zod/mini';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { TelemetryMessage } from '#shared/telemetry/intake-service.ts';
import type { RuleEnvelope } from '#shared/vehicle-cloud/envelopes.ts';
import { vehicleIdValue } from './adapters/dynamo/registry-item.ts';

const envelope: z.ZodMiniType<RuleEnvelope & { readonly vehicleId: VehicleId }> = z.object({
  vehicleId: vehicleIdValue,
  receivedAt: z.int(),
  payload: z.string(),
});

/** What a topic rule hands over, with the device's bytes as they were. */
export function ruleMessage(event: unknown): TelemetryMessage {
  const { payload, ...rest } = envelope.parse(event);
  return { ...rest, payload: Buffer.from(payload, 'base64') };
}

export type Reported<T> =
  | { readonly kind: 'read'; readonly vehicleId: VehicleId; readonly report: T }
  | { readonly kind: 'broken'; readonly reason: string };

/** The JSON in a message, if it is what the schema says. */
export function reportIn<S extends z.ZodMiniType>(message: TelemetryMessage, schema: S): Reported<z.output<S>> {
  let report: unknown;
  try {
    report = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(message.payload));
  } catch {
    return { kind: 'broken', reason: 'not JSON in UTF-8' };
  }
  const result = schema.safeParse(report);
  if (result.success) return { kind: 'read', vehicleId: message.vehicleId, report: result.data };
  const [issue] = result.error.issues;
  return {
    kind: 'broken',
    reason: `not as agreed: ${issue?.code ?? 'invalid'} at /${issue?.path.map(String).join('/') ?? ''}`,
  };
}
