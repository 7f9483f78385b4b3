import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { BookingRepository } from '#shared/sharing/bookings/booking-repository.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import { aBookedVehicle } from '../booking-samples.ts';
import { electricCar, samplePlan, sampleSystem } from '../sharing-city.ts';
import { type CrowdScene, crowdHead } from './crowd-scene.ts';
import type { Disturbances, DisturbedTable, UnderWay } from './disturbed-table.ts';
import type { Answer, Asked } from './recorder.ts';

/** So that many expire while the crowd is there. */
export const rules = { minutes: 8, extensionMinutes: 4, extensions: 2 } as const;
export interface CrowdKey {
  readonly reservation: ReservationId;
  readonly fence: number;
  readonly until: number;
}

/** What somebody was told that they have. */
export interface Had {
  readonly personId: string;
  readonly car: string;
  readonly reservation: ReservationId;
}

export interface CrowdOptions {
  readonly clients: number;
  readonly cars: number;
  readonly people: number;
  readonly operations: number;
  /**
   * How often each has to have been done before the crowd goes home: who comes when, the machine decides. After twice the
   * operations it goes all the same.
   */
  readonly least?: ReadonlyMap<Asked['operation'], number>;
  readonly odds: Disturbances;
  readonly random: () => number;
  /** The table as the processes use it: with care, unless somebody shows what happens without. */
  readonly bookings?: (client: DynamoDBDocumentClient, table: string) => BookingRepository;
}

/** What a crowd has in common within one process: the table, the cars and people, and what they were told. */
export class CrowdWorld {
  readonly options: CrowdOptions;
  readonly engine: DynamoDBClient;
  readonly table: string;
  readonly underWay: UnderWay = new Set();
  /** What phones were given. */
  readonly keys = new Map<string, CrowdKey>();
  readonly #scene: CrowdScene;
  readonly #had: Had[] = [];
  #left: number;
  readonly #done = new Map<Asked['operation'], number>();

  constructor(engine: DynamoDBClient, table: string, options: CrowdOptions, scene: CrowdScene) {
    this.options = options;
    this.engine = engine;
    this.table = table;
    this.#left = options.operations;
    this.#scene = scene;
  }

  get cars(): readonly string[] {
    return this.#scene.cars;
  }

  get people(): readonly Driver[] {
    return this.#scene.people;
  }

  /** Cars in service, people who may hold. */
  async open(repository: BookingRepository = this.calm()): Promise<void> {
    for (const vehicleId of this.cars) await repository.save({ vehicle: { next: aBookedVehicle({ vehicleId }) } });
    for (const driver of this.people) await repository.save({ driver: { next: driver } });
  }

  /** The table as nobody disturbs it. */
  calm(): DynamoBookingRepository {
    return new DynamoBookingRepository(documentClient(this.engine), this.table);
  }

  bookings(client: DynamoDBDocumentClient): BookingRepository {
    const { bookings } = this.options;
    return bookings?.(client, this.table) ?? new DynamoBookingRepository(client, this.table, async () => {});
  }

  /** A clock that is wrong by up to 5 s, the same amount for ever. */
  clock(): { now: () => number } {
    const error = Math.round((2 * this.options.random() - 1) * crowdHead.skew);
    return { now: () => this.#scene.time.now() + error };
  }

  goesOn(): boolean {
    const { time, isOver } = this.#scene;
    time.passes(this.options.random);
    if (isOver !== undefined) return !isOver();
    return this.#left > 0 || (this.#isMissing() && this.#left > -this.options.operations);
  }

  /**
   * One operation, taken down. Where the SDK has repeated a call, a refusal may be of what the first one did: nobody knows.
   * Except a hold: its request is recognised.
   */
  ask(asked: Asked, clock: () => number, table: DisturbedTable, work: () => Promise<Answer>): Promise<Answer> {
    this.#left -= 1;
    const before = table.repetitions;
    return this.#scene.recorder.during(asked, clock, async () => {
      const answer = await answered(work);
      const { operation } = asked;
      if (answer.outcome === 'done') this.#done.set(operation, (this.#done.get(operation) ?? 0) + 1);
      const isSure = operation === 'hold' || table.repetitions === before;
      return answer.outcome === 'refused' && !isSure ? { outcome: 'unknown' } : answer;
    });
  }

  #isMissing(): boolean {
    const { least = new Map() } = this.options;
    return [...least].some(([operation, times]) => (this.#done.get(operation) ?? 0) < times);
  }

  got(had: Had): void {
    this.#had.push(had);
  }

  /** Mostly what somebody was told a moment ago, now and then what is long over. */
  someUse(): Had | undefined {
    const all = this.#had.length;
    if (all === 0) return undefined;
    const among = this.options.random() < 0.9 ? 12 : 200;
    return this.one(this.#had.slice(Math.max(0, all - among)));
  }

  one<T>(all: readonly T[]): T {
    const chosen = all[Math.floor(this.options.random() * all.length)];
    if (chosen === undefined) throw new RangeError('There is none to choose from');
    return chosen;
  }

  /** Terms without a table of them. */
  get setup() {
    const { systemId, operatorId } = sampleSystem;
    const { vehicleTypeId } = electricCar;
    return {
      system: async () => ({ ...sampleSystem, holds: rules }),
      plan: async () => samplePlan,
      fleetVehicle: async (vehicleId: string) => {
        return {
          ...{ vehicleId, systemId, operatorId, vehicleTypeId, version: 1 },
          label: 'B',
          speaks: 'device' as const,
        };
      },
      forgetVehicle: () => {},
    };
  }
}

/** What somebody was answered, whatever became of it: a refusal says that nothing was changed, and anything else nothing. */
async function answered(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure && error.kind !== 'unavailable') return { outcome: 'refused', reason: error.code };
    if (error instanceof Failure || (error instanceof Error && error.name === 'TimeoutError')) {
      return { outcome: 'unknown' };
    }
    throw error;
  }
}
