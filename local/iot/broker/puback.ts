import type { Agreement, Connection } from './connection.ts';
import type { DeliverableQos } from './message.ts';
import { type ReasonCode, reasonCode } from './reason-code.ts';

/** What a PUBLISH waits for. */
export interface Answer {
  readonly connection: Connection;
  readonly agreement: Agreement;
  readonly qos: DeliverableQos;
  readonly packetId: number | undefined;
}

/** False: the message is not taken, and its sender knows. */
export function begin({ connection, agreement, packetId = 0 }: Answer): boolean {
  const place = connection.inflow.begin(packetId);
  if (place === 'too-many') {
    const explanation = 'too many messages without acknowledgement';
    connection.end({ reason: 'CLIENT_ERROR', code: reasonCode.receiveMaximumExceeded, explanation });
  }
  if (place === 'in-use' && agreement.protocolVersion === 5) {
    connection.send({ cmd: 'puback', messageId: packetId, reasonCode: reasonCode.packetIdInUse });
  }
  return place === 'taken';
}

/** Too much in a second: it is not taken. Who cannot be told so gets no acknowledgement, as if it had been lost. */
export function throttle(answer: Answer): void {
  const { connection, agreement, qos } = answer;
  const explanation = 'too many messages or bytes in a second';
  connection.core.log(`did not take a message of ${agreement.clientId}: ${explanation}`);
  if (qos === 0) return;
  if (agreement.protocolVersion === 5) acknowledge(answer, reasonCode.quotaExceeded, explanation);
  else forget(answer);
}

export function acknowledge(
  { connection, agreement, qos, packetId }: Answer,
  code: ReasonCode,
  explanation: string | undefined,
): void {
  if (qos === 0 || packetId === undefined) return;
  const properties =
    explanation !== undefined && agreement.wantsReasons ? { properties: { reasonString: explanation } } : {};
  connection.send({ cmd: 'puback', messageId: packetId, reasonCode: code, ...properties });
  connection.inflow.end(packetId);
}

/** Nobody acknowledges it, and its place is free. */
export function forget({ connection, packetId }: Answer): void {
  if (packetId !== undefined) connection.inflow.end(packetId);
}
