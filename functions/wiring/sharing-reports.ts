import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import type { SecurityDesk } from '#shared/security/security-service.ts';
import { ChargeWatch } from '#shared/sharing/reports/charge-watch.ts';
import { ReportService } from '#shared/sharing/reports/report-service.ts';
import { lineReader } from '#shared/sharing/trips/line-reader.ts';
import { type LineRefusal, LogService } from '#shared/sharing/trips/log-service.ts';
import type { Quarantine } from '#shared/telemetry/intake-service.ts';
import { AnswerMessages } from '../adapters/channels/answer-messages.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { verifyP256 } from '../adapters/node-crypto/p256.ts';
import { deviceMessages } from './device-cloud.ts';
import { sharingParts, tripParts } from './sharing-bookings.ts';

export function wireSharingReports(quarantine: Quarantine, security: SecurityDesk): ReportService {
  const client = documentClient();
  const parts = sharingParts(client);
  const { setup, bookings, listings, clock } = parts;
  const { log, tripService } = tripParts(client, parts);
  return new ReportService({
    ...{ setup, bookings, listings },
    charges: new ChargeWatch({ setup, bookings }),
    logs: new LogService({
      ...{ setup, bookings, log, trips: tripService, clock, read: lineReader(verifyP256) },
      refuse: refusal(quarantine, security, () => clock.now()),
    }),
    answers: new AnswerMessages(deviceMessages(client), 'sharing', clock),
  });
}

function refusal(quarantine: Quarantine, security: SecurityDesk, now: () => number) {
  return async (vehicleId: string, line: string, reason: LineRefusal): Promise<void> => {
    if (!isVehicleId(vehicleId)) throw new RangeError('A log of no vehicle');
    const about = { vehicleId, reason: `line of the log: ${reason}` };
    await quarantine.add({ ...about, receivedAt: now(), payload: new TextEncoder().encode(line) });
    await security.raise({ kind: 'trip-log-refused', vehicleId, reason, at: now() });
  };
}
