import { type HubAnswer, hubQuestion } from '../adapters/azure-iot-hub/hub-calls.ts';
import { answerTo } from '../adapters/azure-iot-hub/hub-desk.ts';
import { logger, observed } from '../observability.ts';
import { systemClock } from '../wiring/clock.ts';
import { wireHubs } from '../wiring/hubs.ts';

const hubs = wireHubs();

/** Somebody waits for what a hub says. */
export const handler = observed(async (event: unknown): Promise<HubAnswer> => {
  const question = hubQuestion.parse(event);
  const answer = await answerTo(question, hubs, systemClock.now());
  const failed = answer.kind === 'failed' && { failed: answer.code };
  logger.info('hub asked', { home: question.home, question: question.kind, ...failed });
  return answer;
});
