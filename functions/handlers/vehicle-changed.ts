import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { certificateRecords } from '#shared/audit/certificate-records.ts';
import { vehicleKind, vehicleOf } from '../adapters/dynamo/registry-item.ts';
import { changeIdOf, itemIn } from '../adapters/dynamo/stream-image.ts';
import { logger, observed } from '../observability.ts';
import { inOrderByKey } from '../record-batch.ts';
import { systemClock } from '../wiring/clock.ts';
import { wireConsequences } from '../wiring/consequences.ts';
import { moveCalls } from '../wiring/move-calls.ts';
import { wireTrail } from '../wiring/trail.ts';

const consequences = wireConsequences();
const trail = wireTrail();
const moves = moveCalls();

/** A vehicle changed in the registry: certificates, connections, subscribers and its move follow. */
export const handler = observed(
  (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
    inOrderByKey(event.Records, sequenceOf, vehicleIn, follow),
);

async function follow(record: DynamoDBRecord): Promise<void> {
  const { Keys, OldImage, NewImage } = record.dynamodb ?? {};
  // Presence, inventory and VIN entries live in the same table and entail nothing. Vehicles are never deleted.
  if (NewImage === undefined || Keys?.['sk']?.S !== vehicleKind) return;
  const after = vehicleOf(itemIn(NewImage));
  const before = OldImage === undefined ? undefined : vehicleOf(itemIn(OldImage));
  logger.info('vehicle changed', { vehicleId: after.vehicleId, status: after.lifeCycle.status });
  const changeId = changeIdOf(record);
  await consequences.follow(before, after, changeId);
  await trail.append(certificateRecords(before, after, changeId));
  if (after.home?.move === undefined) return;
  const now = systemClock.now();
  // Each change, whatever it is of: it ends the calls that were for the version before.
  await moves?.call({ vehicleId: after.vehicleId, version: after.version }, now, now);
}

function vehicleIn(record: DynamoDBRecord): string {
  return record.dynamodb?.Keys?.['pk']?.S ?? '';
}

function sequenceOf(record: DynamoDBRecord): string {
  return record.dynamodb?.SequenceNumber ?? '';
}
