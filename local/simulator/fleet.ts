import { mkdirSync, readFileSync } from 'node:fs';
import type { Transport } from '#device-sdk/transport.ts';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import type { VehicleOptions } from '#device-sdk/vehicle.ts';
import { type CarAnswer, CarProblem, type CarRequest, type CarView, isUpdateAction } from './car.ts';
import type { Plan, SimulatorEvent } from './plan.ts';
import { SimulatedVehicle } from './simulated-vehicle.ts';

/** How many vehicles introduce themselves at one time. */
const together = 10;

/** Milliseconds between two reports of a vehicle. */
const usualInterval = 8000;

/** Milliseconds: the local cloud comes back soon. */
const reconnectDelay = { min: 250, max: 10_000 };

interface SecondCloud {
  /** For the cars that come there later. */
  readonly transport: Transport;
  /** For those that are built for it. */
  readonly factory: (vehicleId: string) => Required<Pick<VehicleOptions, 'transport' | 'claim'>>;
}

/** All simulated vehicles, in one process and on one timer. */
export class Fleet {
  private readonly vehicles: SimulatedVehicle[];
  private readonly tell: (event: SimulatorEvent) => void;
  private readonly interval: number;
  private timer: NodeJS.Timeout | undefined;
  private closing = false;

  /** The second cloud's SDK is loaded where there is such a cloud. */
  static async open(plan: Plan, tell: (event: SimulatorEvent) => void): Promise<Fleet> {
    const { cloud } = plan;
    if (cloud.azure === undefined) return new Fleet(plan, tell);
    const { factory, transportOf } = await import('#device-sdk/examples/azure-factory.ts');
    return new Fleet(plan, tell, {
      transport: transportOf(cloud, { reconnectDelay }),
      factory: (vehicleId) => factory(cloud, vehicleId, { reconnectDelay }),
    });
  }

  private constructor(
    { cloud, directory, vehicles, updates, reportInterval = usualInterval }: Plan,
    tell: (event: SimulatorEvent) => void,
    second?: SecondCloud,
  ) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const transport = awsIot({ ...cloud.mqtt, reconnectDelay });
    const claim = {
      certificatePem: readFileSync(cloud.claim.certificateFile, 'utf8'),
      privateKeyPem: readFileSync(cloud.claim.privateKeyFile, 'utf8'),
      templateName: cloud.claim.templateName,
    };
    this.tell = tell;
    this.interval = reportInterval;
    const software = updates && { ...updates, caFile: cloud.mqtt.caFile };
    this.vehicles = vehicles.map((plan) => {
      const first = { transport, claim, elsewhere: second === undefined ? [] : [second.transport] };
      const home = plan.vehicleId === undefined ? undefined : second?.factory(plan.vehicleId);
      const place = home === undefined ? first : { ...home, elsewhere: [transport] };
      return new SimulatedVehicle(plan, { directory, tell, software, ...place });
    });
  }

  /** Resolves when each vehicle is online, is not let in, or has failed. */
  async start(): Promise<void> {
    const queue = [...this.vehicles];
    const count = { online: 0, away: 0, failed: 0 };
    const starter = async () => {
      for (let next = queue.shift(); next !== undefined && !this.closing; next = queue.shift()) {
        count[await this.startOne(next)] += 1;
      }
    };
    await Promise.all(Array.from({ length: together }, starter));
    if (this.closing) return;
    this.tell({ type: 'ready', ...count });
    this.stepInTurn();
  }

  /** What somebody beside the cars wants of them. @throws CarProblem */
  async asked({ action, car }: CarRequest): Promise<CarAnswer> {
    if (action === 'list') return { cars: this.vehicles.map(viewed) };
    const number = this.numberOf(car);
    const vehicle = this.vehicles[number];
    if (vehicle === undefined) throw unknownCar(car);
    if (action === 'show-code') await vehicle.showCode();
    if (action === 'rotate-certificate') await vehicle.rotateCertificate();
    if (isUpdateAction(action)) vehicle.decide(action);
    if (action === 'offline') await vehicle.offline();
    if (action === 'online') await vehicle.online();
    return { cars: [viewed(vehicle, number)] };
  }

  private numberOf(car = ''): number {
    if (/^\d{1,4}$/.test(car)) return Number(car) - 1;
    return this.vehicles
      .map((vehicle) => vehicle.view())
      .findIndex(({ vin, vehicleId }) => car === vin || car === vehicleId);
  }

  async close(): Promise<void> {
    this.closing = true;
    clearInterval(this.timer);
    await Promise.all(this.vehicles.map((vehicle) => vehicle.close()));
  }

  private async startOne(vehicle: SimulatedVehicle): Promise<'online' | 'away' | 'failed'> {
    try {
      return await vehicle.start();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.closing) this.tell({ type: 'failed', vin: vehicle.plan.vin, reason });
      return 'failed';
    }
  }

  /** One vehicle after the other, so that their reports are spread over the interval. */
  private stepInTurn(): void {
    if (this.vehicles.length === 0) return;
    const pause = Math.max(this.interval / this.vehicles.length, 20);
    const atOnce = Math.ceil((this.vehicles.length * pause) / this.interval);
    let turn = 0;
    this.timer = setInterval(() => {
      for (let count = 0; count < atOnce; count += 1, turn += 1) this.vehicles[turn % this.vehicles.length]?.step();
    }, pause);
  }
}

function viewed(vehicle: SimulatedVehicle, index: number): CarView {
  return { number: index + 1, ...vehicle.view() };
}

function unknownCar(car: string | undefined): CarProblem {
  return new CarProblem(
    `No simulated car is called ${car === undefined ? 'nothing' : `"${car}"`}. ` +
      'Name one by its number, vehicle id or VIN: `npm run car -- list` tells them.',
  );
}
