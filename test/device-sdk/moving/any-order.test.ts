import fc from 'fast-check';
import { expect, test } from 'vitest';
import { homeName } from '#shared/registry/home.ts';
import { homeTwin } from '#shared/vehicle-cloud/home-notice.ts';
import { aVehicle } from '../../contract/samples.ts';
import { ModelCloud, ModelVehicle } from '../../support/two-clouds.ts';
import { names, TwoHomes } from './two-homes.ts';

type Place = 0 | 1;

/** Two clouds and a vehicle: the model that the platform is tested with, or the real one. */
interface World {
  letIn(place: Place, epoch: number): void;
  shutOut(place: Place): void;
  /** What the one says of where the vehicle should be; undefined: nothing. */
  tell(place: Place, to: Place, epoch: number | undefined): void;
  junk(place: Place): void;
  command(place: Place, commandId: string): void;
  read(value: number): void;
  cut(): void;
  /** The vehicle begins another life: it was switched off, or its power was cut. */
  restart(how: 'restart' | 'power-cut'): Promise<void>;
  /** Something may happen. */
  pass(): Promise<void>;
  /** Who let the vehicle in last. */
  readonly place: Place | undefined;
  readonly done: readonly string[];
  readonly readings: readonly number[];
}

class ModelWorld implements World {
  readonly clouds: readonly [ModelCloud, ModelCloud];
  readonly readings: number[] = [];
  readonly epochs = [0, 0];
  place: Place | undefined;
  readonly #car: ModelVehicle;
  #count = 0;

  constructor() {
    this.clouds = [new ModelCloud(homeName('first'), () => 0), new ModelCloud(homeName('elsewhere'), () => 0)];
    this.clouds[0].open(0);
    this.#car = new ModelVehicle(aVehicle().vehicleId, this.clouds, {
      connection: (kind, from) => {
        if (kind === 'connected') this.place = from === this.clouds[0] ? 0 : 1;
      },
      reply: () => {},
      reading: (value) => void this.readings.push(value),
    });
  }

  letIn(place: Place, epoch: number): void {
    this.epochs[place] = epoch;
    this.clouds[place].open(epoch);
  }

  shutOut(place: Place): void {
    const { identity } = this.clouds[place];
    if (identity !== undefined) identity.isOpen = false;
  }

  tell(place: Place, to: Place, epoch: number | undefined): void {
    const notice = epoch === undefined ? null : { name: names[to], epoch };
    this.clouds[place].desire(this.epochs[place] ?? 0, homeTwin, notice);
  }

  junk(place: Place): void {
    this.clouds[place].desire(this.epochs[place] ?? 0, homeTwin, { name: 7, epoch: 'many' });
  }

  command(place: Place, commandId: string): void {
    const order = { commandId, name: 'horn-lights.flash', parameters: {}, issuedAt: 0, expiresAt: 1 };
    this.clouds[place].send(this.epochs[place] ?? 0, order);
  }

  read(value: number): void {
    this.#car.outbox.push(value);
  }

  cut(): void {}
  async restart(): Promise<void> {}

  async pass(): Promise<void> {
    for (this.#count = 0; this.#count < 4; this.#count += 1) this.#car.live();
  }

  get done(): readonly string[] {
    return this.#car.done;
  }
}

class RealWorld implements World {
  readonly #scene: TwoHomes;

  static async begin(): Promise<RealWorld> {
    const scene = await TwoHomes.begin();
    await (await scene.life()).connect();
    return new RealWorld(scene);
  }

  constructor(scene: TwoHomes) {
    this.#scene = scene;
  }

  letIn(place: Place): void {
    this.#scene.open[place] = true;
  }

  shutOut(place: Place): void {
    this.#scene.open[place] = false;
    this.#scene.clouds[place].hub.cut(this.#scene.vehicleId);
  }

  tell(place: Place, to: Place, epoch: number | undefined): void {
    this.#scene.takeBack(place);
    if (epoch !== undefined) this.#scene.tell(place, this.#scene.notice(to, epoch));
  }

  junk(place: Place): void {
    this.#scene.tell(place, { name: 7, epoch: 'many' });
  }

  command(place: Place, commandId: string): void {
    this.#scene.command(place, commandId);
  }

  read(value: number): void {
    this.#scene.vehicle?.telemetry.record('Vehicle.TraveledDistance', value);
  }

  cut(): void {
    for (const { hub } of this.#scene.clouds) hub.cut(this.#scene.vehicleId);
  }

  async restart(how: 'restart' | 'power-cut'): Promise<void> {
    const vehicle = await (how === 'restart' ? this.#scene.life() : this.#scene.powerCut());
    // Closed before it is online.
    vehicle.connect().catch(() => {});
  }

  async pass(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 4));
  }

  get place(): Place | undefined {
    if (this.#scene.vehicle?.presence.status !== 'online') return undefined;
    return this.#scene.arrivals.at(-1) === 0 ? 0 : 1;
  }

  get done(): readonly string[] {
    return this.#scene.done;
  }

  get readings(): readonly number[] {
    return this.#scene.readings;
  }

  async close(): Promise<void> {
    await this.#scene.vehicle?.close();
  }
}

const acts = [
  ...(['send', 'call-back', 'refuse', 'admit', 'junk', 'late', 'part'] as const),
  ...(['command', 'read', 'cut', 'restart', 'power-cut', 'pass'] as const),
];
type Act = (typeof acts)[number];

/** The platform as the vehicle sees it: at most one move at a time, and the former home is forgotten last. */
class Platform {
  readonly commands: string[] = [];
  readonly readings: number[] = [];
  #home: Place = 0;
  #epoch = 0;
  #told = 0;
  #move: { readonly to: Place; readonly epoch: number } | undefined;
  #hasParted = true;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async act(act: Act): Promise<void> {
    this.#look();
    const world = this.#world;
    const to = other(this.#home);
    if (act === 'send') this.#send();
    else if (act === 'call-back' && this.#move !== undefined) {
      world.tell(this.#home, to, undefined);
      world.shutOut(to);
      this.#move = undefined;
    } else if (act === 'refuse' && this.#move !== undefined) world.shutOut(to);
    else if (act === 'admit' && this.#move !== undefined) world.letIn(to, this.#move.epoch);
    else if (act === 'junk' && this.#move === undefined) world.junk(this.#home);
    else if (act === 'late') world.tell(this.#home, to, this.#move?.epoch ?? this.#epoch);
    else if (act === 'part') this.#part();
    else if (act === 'command') this.#command();
    else if (act === 'read') {
      this.readings.push(this.readings.length);
      world.read(this.readings.length - 1);
    } else if (act === 'cut') world.cut();
    else if (act === 'restart' || act === 'power-cut') await world.restart(act);
    else if (act === 'pass') await world.pass();
  }

  /** Everything that was begun comes to its end, and the vehicle to `elsewhere`. */
  async end(): Promise<void> {
    for (let moves = 0; this.#home === 0 || this.#move !== undefined; moves += 1) {
      if (moves > 3) throw new Error('the vehicle comes and goes');
      this.#send();
      if (this.#move !== undefined) this.#world.letIn(this.#move.to, this.#move.epoch);
      await this.#until(() => this.#move === undefined, 'its arrival');
    }
    await this.#until(() => this.#world.place === this.#home, 'its line');
    this.#part();
    for (const commandId of this.commands) this.#world.command(this.#home, commandId);
    await this.#until(() => new Set(this.#world.done).size === this.commands.length, 'what it was told to do');
    await this.#until(() => this.#world.readings.length === this.readings.length, 'what it has measured');
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const giveUp = Date.now() + 10_000;
    while (!condition()) {
      if (Date.now() > giveUp) throw new Error(`waited in vain for ${what}`);
      await this.#world.pass();
      this.#look();
    }
  }

  /** What a device cloud says of a connection. */
  #look(): void {
    if (this.#move === undefined || this.#world.place !== this.#move.to) return;
    this.#home = this.#move.to;
    this.#epoch = this.#move.epoch;
    this.#move = undefined;
    this.#hasParted = false;
  }

  #send(): void {
    if (this.#move !== undefined) return;
    this.#part();
    this.#told += 1;
    const move = { to: other(this.#home), epoch: this.#told };
    this.#move = move;
    this.#world.letIn(move.to, move.epoch);
    this.#world.tell(this.#home, move.to, move.epoch);
  }

  #part(): void {
    if (this.#move !== undefined || this.#hasParted) return;
    const former = other(this.#home);
    this.#world.tell(former, this.#home, undefined);
    this.#world.shutOut(former);
    this.#hasParted = true;
  }

  #command(): void {
    const commandId = `c${this.commands.length}`;
    this.commands.push(commandId);
    this.#world.command(this.#home, commandId);
  }
}

function other(place: Place): Place {
  return place === 0 ? 1 : 0;
}

test('whatever is said, refused, cut off and taken back in between, the vehicle ends where it is sent, as the model does, and has done, and told, everything once', async () => {
  const script = fc.array(fc.constantFrom(...acts), { minLength: 1, maxLength: 24 });
  await fc.assert(
    fc.asyncProperty(script, async (acts) => {
      const [model, real] = [new ModelWorld(), await RealWorld.begin()];
      try {
        for (const world of [model, real]) {
          const platform = new Platform(world);
          for (const act of acts) await platform.act(act);
          await platform.end();
          expect(world.place).toBe(1);
          expect([...world.done].sort()).toEqual([...platform.commands].sort());
          expect([...world.readings].sort((one, next) => one - next)).toEqual(platform.readings);
        }
        expect([...real.done].sort()).toEqual([...model.done].sort());
      } finally {
        await real.close();
      }
    }),
    { numRuns: 25 },
  );
}, 120_000);
