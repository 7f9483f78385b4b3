import type { Tracing } from '#local/trace/traces.ts';
import type { Message } from './message.ts';

/**
 * Tells the trace of a delivery where its answer will come: on the response topic of MQTT 5, or, for the difference in
 * a shadow, as that thing's next report.
 */
export function expectReply(tracing: Tracing, { topic, properties }: Message, clientId: string): void {
  const { responseTopic, correlationData: correlation } = properties;
  if (responseTopic !== undefined) tracing.expectReply({ topic: responseTopic, clientId, correlation });
  else if (/^\$aws\/things\/[^/]+\/shadow\/.*update\/delta$/.test(topic)) {
    tracing.expectReply({ topic: topic.slice(0, -'/delta'.length), clientId, correlation });
  }
}
