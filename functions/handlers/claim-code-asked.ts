import { claimCodeRequestSchema } from '#shared/ownership/code-service.ts';
import { logger, metrics, observed } from '../observability.ts';
import { reportIn, ruleMessage } from '../rule-message.ts';
import { wireClaimCodes } from '../wiring/claim-codes.ts';
import { wireQuarantine } from '../wiring/quarantine.ts';

const codes = wireClaimCodes();
const quarantine = wireQuarantine();

/** A vehicle wants to show a code to whoever sits in it. The code goes there and nowhere else. */
export const handler = observed(async (event: unknown) => {
  const message = ruleMessage(event);
  logger.appendKeys({ vehicleId: message.vehicleId });
  const read = reportIn(message, claimCodeRequestSchema);
  if (read.kind === 'broken') return quarantine.add({ ...message, reason: `claim code request ${read.reason}` });
  const result = await codes.ask(message.vehicleId, read.report.requestId);
  logger.info('claim code', { result });
  if (result === 'shown') metrics.addMetric('ClaimCodesShown', 'Count', 1);
});
