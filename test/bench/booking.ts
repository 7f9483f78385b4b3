import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { bookingKeys } from '#functions/adapters/dynamo/booking-item.ts';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import type { HoldOutcome } from '#shared/sharing/bookings/booking-repository.ts';
import type { Driver, HoldRequest } from '#shared/sharing/bookings/driver.ts';
import { mostRequests } from '#shared/sharing/bookings/hold.ts';
import { newTable, startDynoxide } from '../contract/engines.ts';
import { aBookedVehicle, aClaim, aDriver, aRequest, minutes, now } from '../support/booking-samples.ts';
import { CallMeter } from './booking-metered.ts';
import { type BookingCost, clients, costOf, postgresBooking } from './booking-postgres.ts';
import { type Figure, rounded } from './figure.ts';
import { cpuSeconds } from './memory.ts';

const holds = 2_000;
const races = 2_000;
const warmUp = 300;
/** Cars that everybody wants. */
const wanted = 50;
const metered = 20;

interface Cost extends BookingCost {
  /** CPU ms of the engine, which stands for DynamoDB. */
  readonly engineCpu: number;
}

/** What a hold costs, and what the same rule costs in PostgreSQL, one after the other on this machine. */
export async function bookingFigures(): Promise<readonly Figure[]> {
  const own = await ownFigures();
  const theirs = await postgresBooking();
  if (theirs === undefined) return own.figures;
  process.stderr.write(
    `beside ${theirs.version}, fsync on, ${clients} clients of pgbench; dynoxide stands for DynamoDB\n`,
  );
  const ratio = (name: string, one: number, other: number) => ({ name, value: rounded(one / other), unit: 'times' });
  return [
    ...own.figures,
    ...costFigures('postgres-hold', theirs.holds),
    ...costFigures('postgres-race', theirs.races),
    { name: 'postgres-conflicts-refused', value: theirs.races.count, unit: '' },
    ratio('booking-hold-rate-to-postgres', own.held.rate, theirs.holds.rate),
    ratio('booking-hold-cpu-to-postgres', own.held.cpu, theirs.holds.cpu),
    ratio('booking-race-rate-to-postgres', own.lost.rate, theirs.races.rate),
    ratio('booking-race-cpu-to-postgres', own.lost.cpu, theirs.races.cpu),
  ];
}

async function ownFigures() {
  const engine = await startDynoxide();
  try {
    const bench = new HoldBench(documentClient(engine.client), await newTable(engine.client));
    await bench.seed(warmUp + holds + metered, warmUp + holds + 2 * metered + races);
    await bench.all(warmUp, 'held');
    const held = await bench.measured(holds, 'held');
    const taken = bench.cars.slice(0, wanted);
    const [car] = taken;
    if (car === undefined) throw new Error('There are no cars');
    const lost = await bench.measured(races, 'refused', taken);
    // The meter last: it is no part of what was measured.
    const meter = new CallMeter(engine.client);
    const hold = await meter.during(() => bench.all(metered, 'held'));
    const sizes = await bench.sizes(car);
    const race = await meter.during(() => bench.all(metered, 'refused', taken));
    const figures: Figure[] = [
      { name: 'booking-hold-write-units', value: rounded(hold.writeUnits / metered), unit: 'WU', limit: 4 },
      { name: 'booking-hold-calls', value: rounded(hold.calls / metered), unit: '', limit: 1 },
      // The engine says nothing of what it refused: by DynamoDB's formula, of the items that stand there.
      { name: 'booking-lost-race-write-units', value: raceUnits(await bench.sizes(car)), unit: 'WU', limit: 4 },
      { name: 'booking-lost-race-calls', value: rounded(race.calls / metered), unit: '', limit: 1 },
      { name: 'booking-vehicle-item', value: sizes[0] ?? Number.NaN, unit: 'bytes', limit: 1_024 },
      { name: 'booking-driver-item', value: sizes[1] ?? Number.NaN, unit: 'bytes', limit: 1_024 },
      ...costFigures('booking-hold', held),
      { name: 'booking-hold-engine-cpu', value: rounded(held.engineCpu), unit: 'ms/hold' },
      ...costFigures('booking-race', lost),
      { name: 'booking-conflicts-refused', value: lost.count, unit: '' },
    ];
    return { figures, held, lost };
  } finally {
    await engine.stop();
  }
}

/** 2 for each KB begun of either item, which DynamoDB takes for a transaction that it refuses as well. */
function raceUnits(sizes: readonly number[]): number {
  return sizes.reduce((units, size) => units + 2 * Math.ceil(size / 1_024), 0);
}

function costFigures(name: string, { rate, median, p99, cpu }: BookingCost): Figure[] {
  return [
    { name: `${name}-rate`, value: rounded(rate), unit: '/s' },
    { name: `${name}-median`, value: rounded(median), unit: 'ms' },
    { name: `${name}-p99`, value: rounded(p99), unit: 'ms' },
    { name: `${name}-cpu`, value: rounded(cpu), unit: 'ms' },
  ];
}

/** Persons who hold cars, each for the first time. */
class HoldBench {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #bookings: DynamoBookingRepository;
  #vehicles: readonly BookedVehicle[] = [];
  #drivers: readonly Driver[] = [];
  #car = 0;
  #person = 0;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
    this.#bookings = new DynamoBookingRepository(client, table);
  }

  async seed(vehicles: number, drivers: number): Promise<void> {
    // As large as those of returning customers.
    const log = { boot: 312, sequence: 48 };
    this.#vehicles = Array.from({ length: vehicles }, () => aBookedVehicle({ log, barredUntil: now - 60 * minutes }));
    this.#drivers = Array.from({ length: drivers }, () => aDriver({ requests: former() }));
    await inTurn(this.#vehicles, (next) => this.#bookings.save({ vehicle: { next } }));
    await inTurn(this.#drivers, (next) => this.#bookings.save({ driver: { next } }));
  }

  get cars(): readonly BookedVehicle[] {
    return this.#vehicles;
  }

  async all(count: number, expected: HoldOutcome['kind'], cars = this.#cars(count)): Promise<readonly number[]> {
    const persons = this.#drivers.slice(this.#person, this.#person + count);
    this.#person += count;
    const latencies: number[] = [];
    await inTurn([...persons.entries()], async ([place, person]) => {
      const car = cars[place % cars.length];
      if (car === undefined) throw new Error('There are too few cars');
      const begun = performance.now();
      const { kind } = await this.#bookings.hold(aClaim(car, person));
      latencies.push(performance.now() - begun);
      if (kind !== expected) throw new Error(`A hold was ${kind}, not ${expected}`);
    });
    return latencies;
  }

  async measured(count: number, expected: HoldOutcome['kind'], cars = this.#cars(count)): Promise<Cost> {
    const [begun, own, family] = [performance.now(), process.cpuUsage(), cpuSeconds(process.pid)];
    const latencies = await this.all(count, expected, cars);
    const took = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(own);
    const cpu = (user + system) / 1e6;
    const engineCpu = (1000 * Math.max(0, cpuSeconds(process.pid) - family - cpu)) / count;
    return { ...costOf(latencies, count / took, cpu), engineCpu };
  }

  /** Bytes of a car's item and of the item of who asked last, as JSON: DynamoDB counts no more. */
  async sizes({ vehicleId }: Pick<BookedVehicle, 'vehicleId'>): Promise<readonly number[]> {
    const person = this.#drivers[this.#person - 1];
    if (person === undefined) throw new Error('Nobody has asked');
    const keys = [bookingKeys.vehicle(vehicleId), bookingKeys.driver(person.operatorId, person.personId)];
    const gets = keys.map((Key) => this.#client.send(new GetCommand({ TableName: this.#table, Key })));
    return (await Promise.all(gets)).map(({ Item }) => Buffer.byteLength(JSON.stringify(Item)));
  }

  #cars(count: number) {
    const cars = this.#vehicles.slice(this.#car, this.#car + count);
    this.#car += count;
    return cars;
  }
}

/** As many as leave room for one. */
function former(): readonly HoldRequest[] {
  return Array.from({ length: mostRequests - 1 }, () => aRequest());
}

/** So many at a time as pgbench has clients. */
async function inTurn<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const queue = all.values();
  const client = async () => {
    for (const one of queue) await work(one);
  };
  await Promise.all(Array.from({ length: clients }, client));
}
