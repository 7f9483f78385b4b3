import { gunzipSync } from 'node:zlib';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { isCampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Ask } from '#shared/ota/director/director-ports.ts';
import { updateReportSchema } from '#shared/ota/updates/update-report.ts';
import type { PackedManifest, UpdateReport } from '#shared/vehicle-cloud/update-envelopes.ts';
import { logger, metrics, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { reportIn, ruleMessage } from '../rule-message.ts';
import { wireDirector } from '../wiring/director.ts';
import { wireSecurityDesk } from '../wiring/security-desk.ts';

const director = wireDirector();
const security = wireSecurityDesk();
const packedManifest = z.object({ gzip: z.string() }) satisfies z.ZodMiniType<PackedManifest>;
/** Bytes: a thousand control units, and no more memory for whoever packs a gigabyte of nothing. */
const largestManifest = 1024 * 1024;

/**
 * A vehicle asks what to install, and gets metadata that are made for it alone. `update-reported` has read the message
 * and passed it on: nobody but this function may sign for the Director.
 */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> =>
    perRecord(event.Records, 'messageId', async ({ body }) => {
      const message = ruleMessage(JSON.parse(body));
      const read = reportIn(message, updateReportSchema);
      if (read.kind === 'broken' || !isAsk(read.report)) throw new Error('Only questions come here');
      const { vehicleId } = read;
      const report = { ...read.report, manifest: unpacked(read.report.manifest) };
      const { answer, attacks } = await director.ask(vehicleId, report);
      logger.info('director asked', { vehicleId, campaignId: report.campaignId, purpose: report.purpose, answer });
      metrics.addMetric('DirectorAnswers', 'Count', 1);
      // What a vehicle has refused, somebody has tried.
      for (const { ecuId, attack } of attacks) {
        logger.warn('attack refused', { vehicleId, ecuId, attack });
        const { campaignId } = report;
        const told = { vehicleId, campaignId, ecuId, attack, at: message.receivedAt };
        await security.raise({ kind: 'attack-refused', toldBy: 'version-report', ...told });
      }
    }),
);

/** What is no packed manifest is judged as it is, and so is what cannot be unpacked. */
function unpacked(manifest: unknown): unknown {
  const { data } = packedManifest.safeParse(manifest);
  if (data === undefined) return manifest;
  try {
    return JSON.parse(gunzipSync(Buffer.from(data.gzip, 'base64'), { maxOutputLength: largestManifest }).toString());
  } catch {
    return manifest;
  }
}

function isAsk(report: UpdateReport): report is Ask {
  return report.kind === 'ask' && isCampaignId(report.campaignId);
}
