import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type CancellationReason, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { Failure } from '#shared/kernel/failure.ts';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import type { BookingRepository, BookingStep, HoldOutcome } from '#shared/sharing/bookings/booking-repository.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import type { HoldClaim } from '#shared/sharing/bookings/hold.ts';
import type { OperatorId } from '#shared/sharing/sharing-id.ts';
import { driverHold, vehicleHold } from './booking-hold.ts';
import { bookingKeys, driverItemOf, driverOf, vehicleItemOf, vehicleOf } from './booking-item.ts';
import { unlessContended, written } from './document-client.ts';
import { itemIn } from './stream-image.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

/** Where others write the same two items at this very moment: 10, 20, 40, 80 ms, each somewhere between half and all. */
const patience = { rounds: 5, first: 10 };

/** DynamoDB asks to come again: another transaction had one of the items, or more came than it takes at once. */
const passing = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

type Put = NonNullable<NonNullable<TransactWriteCommandInput['TransactItems']>[number]['Put']>;

export class DynamoBookingRepository implements BookingRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #pause: (ms: number) => Promise<unknown>;

  constructor(
    client: DynamoDBDocumentClient,
    table: string,
    pause: (ms: number) => Promise<unknown> = (ms) => setTimeout(ms),
  ) {
    this.#client = client;
    this.#table = table;
    this.#pause = pause;
  }

  async vehicle(vehicleId: string): Promise<BookedVehicle | undefined> {
    const item = await this.#get(bookingKeys.vehicle(vehicleId));
    return item === undefined ? undefined : vehicleOf(item);
  }

  async driver(operatorId: OperatorId, personId: string): Promise<Driver | undefined> {
    const item = await this.#get(bookingKeys.driver(operatorId, personId));
    return item === undefined ? undefined : driverOf(item);
  }

  async hold(claim: HoldClaim): Promise<HoldOutcome> {
    const updates = [vehicleHold(this.#table, claim), driverHold(this.#table, claim)];
    for (let round = 1; ; round++) {
      const reasons = await this.#refusal(updates.map((Update) => ({ Update })));
      if (reasons === undefined) return { kind: 'held' };
      const [vehicle, driver] = reasons;
      const isRefused = [vehicle, driver].some((reason) => reason?.Code === 'ConditionalCheckFailed');
      if (isRefused) return this.#refused(claim, vehicle, driver);
      if (round === patience.rounds) throw contended();
      await this.#pause(patience.first * 2 ** (round - 1) * (0.5 + Math.random() / 2));
    }
  }

  async save({ vehicle, driver }: BookingStep): Promise<boolean> {
    const puts = [
      ...(vehicle === undefined ? [] : [this.#put(vehicleItemOf(vehicle.next), vehicle.seen)]),
      ...(driver === undefined ? [] : [this.#put(driverItemOf(driver.next), driver.seen)]),
    ];
    const [one, ...more] = puts;
    if (one === undefined) return true;
    const write =
      more.length === 0
        ? this.#client.send(new PutCommand(one))
        : this.#client.send(new TransactWriteCommand({ TransactItems: puts.map((Put) => ({ Put })) }));
    return (await unlessContended(written(write))) || this.#stands(puts);
  }

  /** The reasons by index, undefined where the transaction took place; every other error passes. */
  async #refusal(
    TransactItems: NonNullable<TransactWriteCommandInput['TransactItems']>,
  ): Promise<readonly CancellationReason[] | undefined> {
    try {
      await this.#client.send(new TransactWriteCommand({ TransactItems }));
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const codes = reasons.map(({ Code = 'None' }) => Code).filter((code) => code !== 'None');
      const isKnown = codes.every((code) => code === 'ConditionalCheckFailed' || passing.has(code));
      if (codes.length === 0 || !isKnown) throw error;
      return reasons;
    }
  }

  async #refused(
    claim: HoldClaim,
    ofVehicle: CancellationReason | undefined,
    ofDriver: CancellationReason | undefined,
  ): Promise<HoldOutcome> {
    const vehicle = ofVehicle?.Item === undefined ? undefined : vehicleOf(itemIn(ofVehicle.Item));
    const present = vehicle?.assignment;
    // The first answer to this very call was lost on its way.
    if (present?.reservationId === claim.request.reservationId) return { kind: 'held' };
    const driver = await this.#driverOf(claim, ofDriver, present?.personId === claim.personId);
    const request = driver?.requests.find(({ key }) => key === claim.request.key);
    if (request?.reservationId === claim.request.reservationId) return { kind: 'held' };
    if (request !== undefined) return { kind: 'repeated', request };
    if (ofDriver?.Code === 'ConditionalCheckFailed') {
      return { kind: 'refused', half: 'driver', ...(driver !== undefined && { driver }) };
    }
    return { kind: 'refused', half: 'vehicle', ...(vehicle !== undefined && { vehicle }) };
  }

  /** As it stood where it was the reason. Who has the vehicle themselves may have asked for it before, a moment ago. */
  async #driverOf({ operatorId, personId }: HoldClaim, reason: CancellationReason | undefined, isTheirs: boolean) {
    if (reason?.Item !== undefined) return driverOf(itemIn(reason.Item));
    return isTheirs ? this.driver(operatorId, personId) : undefined;
  }

  #put(Item: Put['Item'] & { readonly pk: string; readonly sk: string }, seen: number | undefined) {
    const condition =
      seen === undefined
        ? { ConditionExpression: isNew }
        : { ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen } };
    return { TableName: this.#table, Item, ...condition };
  }

  /** Whether all of it is there already: the SDK repeats a call whose answer was lost, and meets its own work. */
  async #stands(puts: readonly { readonly Item: { readonly pk: string; readonly sk: string } }[]): Promise<boolean> {
    for (const { Item } of puts) {
      const { pk, sk } = Item;
      if (!isDeepStrictEqual(await this.#get({ pk, sk }), JSON.parse(JSON.stringify(Item)))) return false;
    }
    return true;
  }

  async #get(Key: { readonly pk: string; readonly sk: string }) {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item;
  }
}

function contended(): Failure {
  return new Failure('unavailable', 'contended', 'Others keep changing the same thing at the same time.', {
    retryAfter: 1,
  });
}
