import { setImmediate as turn } from 'node:timers/promises';
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { driverItemOf, vehicleItemOf } from '#functions/adapters/dynamo/booking-item.ts';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import type { HoldOutcome } from '#shared/sharing/bookings/booking-repository.ts';
import { type HoldClaim, held, whyNotDriver } from '#shared/sharing/bookings/hold.ts';

/** The negative control: it reads, decides as everybody does, and writes, without asking whether anybody has written since. */
export class CarelessBookings extends DynamoBookingRepository {
  readonly #write: (Item: Record<string, unknown>) => Promise<unknown>;

  constructor(client: DynamoDBDocumentClient, TableName: string) {
    super(client, TableName);
    this.#write = (Item) => client.send(new PutCommand({ TableName, Item }));
  }

  override async hold(claim: HoldClaim): Promise<HoldOutcome> {
    const vehicle = await this.vehicle(claim.vehicleId);
    const driver = await this.driver(claim.operatorId, claim.personId);
    const step = held(vehicle, driver, claim);
    await turn();
    if (step?.vehicle === undefined || step.driver === undefined) {
      if (driver === undefined || whyNotDriver(driver, claim) !== undefined) {
        return { kind: 'refused', half: 'driver', ...(driver !== undefined && { driver }) };
      }
      return { kind: 'refused', half: 'vehicle', ...(vehicle !== undefined && { vehicle }) };
    }
    await this.#write(vehicleItemOf(step.vehicle.next));
    await this.#write(driverItemOf(step.driver.next));
    return { kind: 'held' };
  }
}
