import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { DynamoOperationRepository } from '#functions/adapters/dynamo/access.ts';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { DynamoRunRepository } from '#functions/adapters/dynamo/campaigns.ts';
import { DynamoClaimCodeRepository } from '#functions/adapters/dynamo/claim-codes.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoPostedSignatures } from '#functions/adapters/dynamo/posted-signatures.ts';
import { DynamoStandingRepository } from '#functions/adapters/dynamo/standings.ts';
import { freshOperation } from '#shared/access/idempotent-operation.ts';
import { freshStanding } from '#shared/access/standing.ts';
import { campaignIdOf } from '#shared/ota/campaigns/campaign-id.ts';
import { freshRun } from '#shared/ota/campaigns/run.ts';
import { BookingService } from '#shared/sharing/bookings/booking-service.ts';
import { aBookedVehicle, aClaim, aDriver } from '../support/booking-samples.ts';
import type { NewTable } from './on-each-engine.ts';
import { aClaimCode } from './ownership-repository.ts';
import { anOperationId, aVehicleId } from './samples.ts';

/** Each call reaches the table twice, as where an SDK repeats one whose answer was lost; the second answer counts. */
function twice({ config: { region, endpoint, credentials } }: DynamoDBDocumentClient): DynamoDBDocumentClient {
  const repeating = new DynamoDBClient({ region, credentials, ...(endpoint !== undefined && { endpoint }) });
  repeating.middlewareStack.add(
    (next) => async (call) => {
      await next(call);
      return next(call);
    },
    { step: 'build', name: 'twice' },
  );
  return documentClient(repeating);
}

/** Whoever gave way to themselves would leave what they took to nobody. */
export function lostAnswersContract(table: NewTable): void {
  let place: readonly [client: DynamoDBDocumentClient, table: string];
  beforeAll(async () => {
    const [client, name] = await table();
    place = [twice(client), name];
  });

  test('who takes tokens out of a bucket has them', async () => {
    const standings = new DynamoStandingRepository(...place);
    const [id, quota] = [anOperationId(), { rate: 3, burst: 10 }];
    const [full, fewer] = [freshStanding(quota, 1_000), freshStanding({ ...quota, burst: 9 }, 1_000)];
    expect(await standings.save(id, full, undefined)).toBe(true);
    expect(await standings.save(id, fewer, full)).toBe(true);
    expect(await standings.save(id, fewer, full)).toBe(false);
  });

  test('who makes a code shows it', async () => {
    const codes = new DynamoClaimCodeRepository(...place);
    const code = aClaimCode(aVehicleId());
    expect(await codes.replace(code, undefined)).toBe(true);
    expect(await codes.replace({ ...code, revision: code.revision + 1, salt: 'pepper' }, code)).toBe(true);
    expect(await codes.replace({ ...code, salt: 'another' }, undefined)).toBe(false);
  });

  test('who begins an operation carries it out', async () => {
    const operations = new DynamoOperationRepository(...place);
    const asked = { clientId: 'client', key: anOperationId(), fingerprint: 'f' };
    expect(await operations.take(freshOperation(asked, anOperationId(), 1_000), undefined)).toBe(true);
    expect(await operations.take(freshOperation(asked, anOperationId(), 1_000), undefined)).toBe(false);
  });

  test('who holds a vehicle has it, and who cancels is rid of it', async () => {
    const bookings = new DynamoBookingRepository(...place);
    const [vehicle, driver] = [aBookedVehicle(), aDriver()];
    expect(await bookings.save({ vehicle: { next: vehicle }, driver: { next: driver } })).toBe(true);
    const claim = aClaim(vehicle, driver);
    expect(await bookings.hold(claim)).toEqual({ kind: 'held' });
    const service = new BookingService({ bookings, clock: { now: () => claim.heldAt } });
    await service.cancel(claim, claim.request.reservationId);
    expect(await bookings.vehicle(vehicle.vehicleId)).toMatchObject({ state: 'available', fence: 1, version: 3 });
    expect((await bookings.driver(claim.operatorId, driver.personId))?.active).toBeUndefined();
    expect(await bookings.hold(claim)).toEqual({ kind: 'held' });
    expect(await bookings.vehicle(vehicle.vehicleId)).toMatchObject({ state: 'available', fence: 1, version: 3 });
  });

  test('a campaign goes on from its checkpoint', async () => {
    const runs = new DynamoRunRepository(...place);
    const run = freshRun(campaignIdOf(1_000, new Uint8Array(7)), { kind: 'enlisting' }, 1_000);
    expect(await runs.save(run, undefined)).toBe(true);
    const next = { ...run, work: { kind: 'resting' } as const, version: 2 };
    expect(await runs.save(next, 1)).toBe(true);
    expect(await runs.save({ ...next, enlisted: 1 }, 1)).toBe(false);
  });

  test('who posts is not taken for somebody who posts the same again', async () => {
    const signatures = new DynamoPostedSignatures(...place);
    expect(await signatures.take('digest', 'request-1', 1_000)).toBe(true);
    expect(await signatures.take('digest', 'request-2', 1_000)).toBe(false);
    expect(await signatures.take('other digest', 'request-2', 1_000)).toBe(true);
  });
}
