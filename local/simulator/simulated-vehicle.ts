import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Identity } from '#device-sdk/certification.ts';
import { CodeNotShown } from '#device-sdk/ownership.ts';
import { ProvisioningRefused } from '#device-sdk/questions.ts';
import type { Transport } from '#device-sdk/transport.ts';
import { Vehicle, type VehicleOptions } from '#device-sdk/vehicle.ts';
import { localHome } from '#local/azure/local-home.ts';
import { firstHome } from '#shared/registry/home.ts';
import { CarProblem, type CarView, type UpdateAction } from './car.ts';
import { type DriveState, drive, readingsOf, startOf } from './drive.ts';
import { inventoryOf } from './inventory.ts';
import type { PlannedVehicle, SimulatorEvent } from './plan.ts';
import { recordedChanges, recordingLines } from './recording.ts';
import { replay } from './replay.ts';
import { SimulatedSoftware, type SoftwareSources } from './simulated-software.ts';
import { Tunnel } from './tunnel.ts';

/** Milliseconds after which a vehicle that is not let in keeps nobody waiting. */
const patienceOnline = 5000;

interface Surroundings {
  readonly directory: string;
  readonly transport: Transport;
  /** Of the clouds that it may be sent to. */
  readonly elsewhere?: readonly Transport[];
  readonly claim: VehicleOptions['claim'] & object;
  readonly tell: (event: SimulatorEvent) => void;
  /** With it the car takes updates. */
  readonly software?: SoftwareSources | undefined;
}

/** How often a vehicle asks to be let in, and the milliseconds between, each time as many more. */
const provisioningAttempts = 3;
const provisioningPause = 1000;

/** A vehicle on the real SDK, whose sensors and actuators are a model of a drive or a recording of one. */
export class SimulatedVehicle {
  readonly plan: PlannedVehicle;
  private readonly vehicle: Vehicle;
  private readonly software: SimulatedSoftware | undefined;
  private readonly tunnel = new Tunnel();
  private readonly tell: (event: SimulatorEvent) => void;
  private state: DriveState;
  private steppedAt = performance.now();
  private closing = false;

  constructor(plan: PlannedVehicle, { directory, transport, elsewhere = [], claim, tell, software }: Surroundings) {
    this.plan = plan;
    this.tell = tell;
    this.state = startOf(plan.vin);
    const inventory = inventoryOf(plan);
    const own = join(directory, plan.vin);
    this.software = software && new SimulatedSoftware(own, inventory.ecus, software);
    this.vehicle = Vehicle.open({
      directory: own,
      vin: plan.vin,
      transport: this.tunnel.through(transport),
      elsewhere: elsewhere.map((each) => this.tunnel.through(each)),
      claim,
      inventory,
      ...(this.software !== undefined && { updates: this.software.settings }),
      // What one step records leaves together, soon after.
      telemetry: { flushInterval: 1000, maxBytes: 1024 * 1024, priorities: { 'Vehicle.Speed': 'low' } },
      log: (line) => tell({ type: 'log', vin: plan.vin, line }),
    });
    if (this.vehicle.updates !== undefined) this.software?.watch(this.vehicle.updates);
    this.obey();
    // Whatever is desired becomes true at once and is reported as it is.
    this.vehicle.onAnyTwin((_, desired) => desired);
  }

  /** Resolves when the vehicle is online, or has not been let in for some seconds. */
  async start(): Promise<'online' | 'away'> {
    const { vin } = this.plan;
    const { vehicleId } = await this.provisioned();
    this.tell({ type: 'provisioned', vin, vehicleId });
    const connected = this.vehicle.connect().then(() => this.arrived(vin, vehicleId));
    connected.catch(() => {}); // closed before it got online
    const patience = new AbortController();
    const patienceWithIt = this.plan.awaited === false ? 0 : patienceOnline;
    const waited = setTimeout(patienceWithIt, 'away' as const, { signal: patience.signal }).catch(
      () => 'away' as const,
    );
    const state = await Promise.race([connected, waited]);
    patience.abort();
    if (state === 'away') this.tell({ type: 'away', vin, vehicleId });
    return state;
  }

  /** A hook that was too slow refuses like one that said no: a vehicle of this factory may ask again. */
  private async provisioned(): Promise<Identity> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.vehicle.provision();
      } catch (error) {
        if (!(error instanceof ProvisioningRefused) || attempt === provisioningAttempts || this.closing) throw error;
        await setTimeout(provisioningPause * attempt);
      }
    }
  }

  private arrived(vin: string, vehicleId: string): 'online' {
    this.tell({ type: 'online', vin, vehicleId });
    if (this.plan.replay === undefined) this.report();
    else void this.replay(this.plan.replay);
    return 'online';
  }

  /** Drives on to the present and reports. */
  step(): void {
    const now = performance.now();
    const driven = drive(this.state, (now - this.steppedAt) / 1000);
    this.state = this.software?.step(this.state, driven) ?? driven;
    this.steppedAt = now;
    // A recording has its own drive.
    if (this.plan.replay === undefined && this.vehicle.vehicleId !== undefined) this.report();
  }

  /** The car as who stands beside it sees it. */
  view(): Omit<CarView, 'number'> {
    const { vin, brand, model } = this.plan;
    const { vehicleId, presence, ownership, certificate, updates } = this.vehicle;
    // The vehicle knows by name where it was sent, and not where it was introduced.
    const home = this.vehicle.home?.name ?? (this.plan.vehicleId === undefined ? firstHome : localHome.name);
    const update = updates === undefined ? undefined : this.software?.view(updates);
    const { speed, charge, locked } = this.state;
    return {
      ...{ vin, brand, model, home, line: presence, drive: { speed, charge, locked } },
      ...(vehicleId !== undefined && { vehicleId }),
      ...(certificate !== undefined && { certificate }),
      ...(update !== undefined && { update }),
      ...(ownership.code !== undefined && { screen: ownership.code }),
    };
  }

  /** Lets the screen show a code. @throws CarProblem */
  async showCode(): Promise<void> {
    this.requireLine();
    try {
      await this.vehicle.ownership.showCode();
    } catch (error) {
      if (!(error instanceof CodeNotShown)) throw error;
      const { retryAt } = error;
      const then =
        retryAt === undefined ? '' : ` The next one can be had at ${new Date(retryAt).toLocaleTimeString()}.`;
      const hint = error.reason === 'no-answer' ? ' Only an active vehicle gets one.' : '';
      throw new CarProblem(`${error.message}${then}${hint}`);
    }
  }

  /** Resolves when it is online with another certificate. @throws CarProblem */
  async rotateCertificate(): Promise<void> {
    this.requireLine();
    try {
      await this.vehicle.rotateCertificate();
    } catch (error) {
      throw new CarProblem(`The car keeps its certificate: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** What the driver does about an update. @throws CarProblem */
  decide(action: UpdateAction): void {
    const { updates } = this.vehicle;
    if (updates === undefined || this.software === undefined) throw new CarProblem('This car takes no updates.');
    this.software.decide(action, updates);
    this.step();
  }

  /** Loses the network, until it is told otherwise. It drives on and keeps what it measures. */
  offline(): Promise<void> {
    return this.tunnel.enter();
  }

  /** Resolves when the car is online, or not let in for some seconds. @throws CarProblem */
  async online(): Promise<void> {
    this.tunnel.leave();
    const giveUp = performance.now() + patienceOnline;
    while (this.vehicle.presence.status === 'offline' && performance.now() < giveUp) await setTimeout(20);
    if (this.vehicle.presence.status === 'online') return;
    throw new CarProblem(`The car has a network and dials, but is not let in: ${this.vehicle.presence.reason}.`);
  }

  private requireLine(): void {
    const { presence } = this.vehicle;
    if (presence.status === 'online') return;
    const then = this.tunnel.inside ? ` \`npm run car -- ${this.plan.vin} online\` brings it back.` : '';
    throw new CarProblem(`The car has no line to the cloud: ${presence.reason}.${then}`);
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.vehicle.close();
    this.software?.close();
  }

  private report(): void {
    for (const [path, value] of Object.entries(readingsOf(this.state))) this.vehicle.telemetry.record(path, value);
  }

  private async replay({ file, speed = 1 }: NonNullable<PlannedVehicle['replay']>): Promise<void> {
    const { vin } = this.plan;
    try {
      const count = await replay(recordedChanges(recordingLines(file)), this.vehicle.telemetry, {
        speed,
        now: () => this.vehicle.now(),
        pause: (ms) => setTimeout(ms, undefined, { ref: false }),
        skipped: ({ line, path }, reason) => this.tell({ type: 'skipped', vin, line, signal: path, reason }),
      });
      this.tell({ type: 'replayed', vin, ...count });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.closing) this.tell({ type: 'failed', vin, reason: `${file}: ${reason}` });
    }
  }

  private obey(): void {
    this.vehicle.commands
      .handle('doors.lock', () => this.change({ locked: true }))
      .handle('doors.unlock', () => this.change({ locked: false }))
      .handle('climate.start', ({ targetTemperature: target }) =>
        this.change({ climate: true, ...(typeof target === 'number' && { target }) }),
      )
      .handle('climate.stop', () => this.change({ climate: false }))
      .handle('charge.start', ({ targetStateOfCharge: limit }) =>
        this.change({ charging: true, chargeLimit: typeof limit === 'number' ? limit : 100 }),
      )
      .handle('charge.stop', () => this.change({ charging: false }))
      .handle('horn-lights.flash', ({ seconds, horn }) =>
        this.change({ flashing: typeof seconds === 'number' ? seconds : 5, horn: horn === true }),
      );
  }

  /** What an actuator changed is reported at once; the rest waits for the next step. */
  private change(part: Partial<DriveState>): undefined {
    const before = readingsOf(this.state);
    this.state = { ...this.state, ...part };
    for (const [path, value] of Object.entries(readingsOf(this.state))) {
      if (before[path] !== value) this.vehicle.telemetry.record(path, value);
    }
  }
}
