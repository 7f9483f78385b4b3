import { setTimeout } from 'node:timers/promises';
import { handOver } from '../adapters/azure-iot-hub/handover.ts';
import type { HubAnswer } from '../adapters/azure-iot-hub/hub-calls.ts';
import { answerTo } from '../adapters/azure-iot-hub/hub-desk.ts';
import { anyQuestion, type HomeAnswer } from '../adapters/azure-iot-hub/hub-home-calls.ts';
import { logger, observed } from '../observability.ts';
import { systemClock as clock } from '../wiring/clock.ts';
import { wireHubs } from '../wiring/hubs.ts';

const hubs = wireHubs();

/** Somebody waits for what a hub says; or for nothing, and Lambda brings a command. */
export const handler = observed(async (event: unknown): Promise<HubAnswer | HomeAnswer> => {
  const question = anyQuestion.parse(event);
  const { home, kind } = question;
  if (question.kind === 'message' && question.message.replyWithin === undefined) {
    const outcome = await handOver(question, hubs, { clock, pause: (ms) => setTimeout(ms) });
    logger.info('hub told', { home, order: kind, vehicleId: question.vehicleId, outcome });
    return { kind: 'handed' };
  }
  const answer = await answerTo(question, hubs, clock.now());
  const failed = answer.kind === 'failed' && { failed: answer.code };
  logger.info('hub asked', { home, question: kind, ...failed });
  return answer;
});
