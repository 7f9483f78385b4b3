import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isReservationId } from '#shared/sharing/sharing-id.ts';
import { BookerProcess, type BookerTask, bookerProgram } from './booker-process.ts';
import { crowdHead, machineClock, newScene, timeOfMachine } from './crowd-scene.ts';
import { seenIn } from './crowd-sights.ts';
import { type CrowdOptions, CrowdWorld } from './crowd-world.ts';
import type { History, Operation } from './history.ts';
import { fleetsOf } from './real-crowd.ts';
import { HistoryRecorder } from './recorder.ts';
import { endpointOf, imagesOf } from './stream-images.ts';

export interface KilledCrowdOptions extends Omit<CrowdOptions, 'least' | 'bookings'> {
  /** Of bookers: each has its share of the clients and of the people. */
  readonly processes: number;
  /** After so many answers one of them is killed, and again after as many. */
  readonly answersPerKill: number;
  readonly careless?: true;
}

export interface KilledCrowd {
  readonly history: History;
  readonly kills: number;
}

/**
 * The same crowd, its bookers in processes of their own, one after the other of which is killed by SIGKILL, at whatever it
 * is. Another one goes on with its people. Each writes down what it asks before it asks, and what it is answered; what was
 * never answered stays open. The cars are here: nobody kills a car by killing a process of the API.
 */
export async function killedCrowd(
  engine: DynamoDBClient,
  table: string,
  options: KilledCrowdOptions,
): Promise<KilledCrowd> {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-crowd-'));
  try {
    return await new Killings(engine, table, options, directory).run();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

class Killings {
  readonly #engine: DynamoDBClient;
  readonly #table: string;
  readonly #options: KilledCrowdOptions;
  readonly #directory: string;
  readonly #recorder = new HistoryRecorder(crowdHead, machineClock);
  readonly #world: CrowdWorld;
  readonly #since = machineClock();
  #answers = 0;
  #isOver = false;

  constructor(engine: DynamoDBClient, table: string, options: KilledCrowdOptions, directory: string) {
    this.#engine = engine;
    this.#table = table;
    this.#options = options;
    this.#directory = directory;
    const scene = newScene(options, this.#recorder, timeOfMachine(this.#since));
    this.#world = new CrowdWorld(engine, table, options, { ...scene, isOver: () => this.#isOver });
  }

  async run(): Promise<KilledCrowd> {
    const { processes, operations, answersPerKill, random } = this.#options;
    await this.#world.open();
    const program = await bookerProgram(this.#directory);
    const endpoint = await endpointOf(this.#engine);
    const bookers = Array.from({ length: processes }, (_, place) => {
      return new BookerProcess(program, this.#directory, (life) => this.#order(endpoint, place, life));
    });
    const cars = Promise.all(fleetsOf(this.#world).map((one) => one.run()));
    let kills = 0;
    try {
      while (this.#answers < operations) {
        await pause(5);
        this.#hears(bookers);
        if (this.#answers < answersPerKill * (kills + 1)) continue;
        const atWork = bookers.filter(({ isAtWork }) => isAtWork);
        const one = atWork[Math.floor(random() * atWork.length)];
        if (one === undefined) continue;
        await one.dies();
        kills += 1;
      }
    } finally {
      this.#isOver = true;
      await Promise.all([cars, ...bookers.map((one) => one.goesHome())]);
    }
    this.#hears(bookers);
    while (this.#world.underWay.size > 0) await Promise.all(this.#world.underWay);
    for (const image of await imagesOf(this.#engine, this.#table)) this.#recorder.saw('stream', [seenIn(image)]);
    return { history: this.#merged(bookers), kills };
  }

  /** What was answered, and what cars learn of it: phones open them with their keys. */
  #hears(bookers: readonly BookerProcess[]): void {
    for (const { operation, outcome, car, seen = [] } of bookers.flatMap((one) => one.answered())) {
      this.#answers += 1;
      if (operation !== 'key' || outcome !== 'done' || car === undefined) continue;
      for (const sight of seen) {
        if (sight.of !== 'car' || typeof sight.reservation !== 'string' || sight.fence === undefined) continue;
        const { reservation, fence, keyUntil: until = 0 } = sight;
        if (isReservationId(reservation)) this.#world.keys.set(car, { reservation, fence, until });
      }
    }
  }

  #order(endpoint: string, place: number, life: number): BookerTask {
    const { clients, processes, random, careless } = this.#options;
    const { cars, people } = this.#world;
    return {
      ...{ endpoint, table: this.#table, since: this.#since, cars: [...cars] },
      ...{ name: `p${place}.${life}`, clients: Math.ceil(clients / processes) },
      people: people.flatMap(({ personId }, index) => (index % processes === place ? [personId] : [])),
      ...{ seed: Math.floor(random() * 2 ** 32), careless: careless === true },
    };
  }

  /** One history: they all read the same monotonic clock, so that no interval has to be widened. */
  #merged(bookers: readonly BookerProcess[]): History {
    const { head, operations, entries } = this.#recorder.history();
    const all: Omit<Operation, 'id'>[] = [...operations, ...bookers.flatMap((one) => one.operations())];
    all.sort((one, other) => one.invokedAt - other.invokedAt);
    return { head, operations: all.map((one, id) => ({ ...one, id })), entries };
  }
}
