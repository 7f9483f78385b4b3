import { commandReplySchema } from '#shared/commands/command-reply.ts';
import { logger, metrics, observed } from '../observability.ts';
import { reportIn, ruleMessage } from '../rule-message.ts';
import { wireQuarantine } from '../wiring/quarantine.ts';
import { wireReplies } from '../wiring/replies.ts';

const replies = wireReplies();
const quarantine = wireQuarantine();

/** A vehicle says what became of a command. */
export const handler = observed(async (event: unknown) => {
  const message = ruleMessage(event);
  logger.appendKeys({ vehicleId: message.vehicleId });
  const read = reportIn(message, commandReplySchema);
  if (read.kind === 'broken') return quarantine.add({ ...message, reason: `reply ${read.reason}` });
  const result = await replies.reply(message.vehicleId, read.report);
  logger.info('reply', { commandId: read.report.commandId, result });
  if (result === 'finished') metrics.addMetric('CommandsAnswered', 'Count', 1);
  if (result === 'unknown-command')
    await quarantine.add({ ...message, reason: 'reply to a command that was never given' });
});
