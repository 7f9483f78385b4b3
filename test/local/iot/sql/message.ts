import type { RuleMessage } from '#local/iot/sql/sql-function.ts';

/** A message on a vehicle's topic; a text or bytes are the payload as they are, anything else as JSON. */
export function message(payload: unknown = {}, over: Partial<RuleMessage> = {}): RuleMessage {
  const bytes =
    payload instanceof Buffer ? payload : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return {
    topic: 'vehicles/veh-1/telemetry',
    payload: bytes,
    timestamp: 1_700_000_000_123,
    accountId: '000000000000',
    clientId: 'veh-1',
    principal: 'c0ffee',
    traceId: 'trace-1',
    ...over,
  };
}
