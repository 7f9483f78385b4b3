import type { LocalClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import { isObject, member } from '#local/iot/shadows/json.ts';
import type { State } from '#local/state/collection.ts';
import { Configurations } from './configurations/configurations.ts';
import { DeviceAccess } from './device-access.ts';
import { Devicebound } from './devicebound.ts';
import { Feed } from './feed.ts';
import { HubEvents } from './hub-events.ts';
import { meterHub } from './hub-meter.ts';
import { Identities } from './identities.ts';
import { Jobs } from './jobs/jobs.ts';
import { Lines } from './lines.ts';
import { Metering } from './metering.ts';
import { Methods } from './methods.ts';
import { Policies } from './policies.ts';
import { Queries } from './queries.ts';
import { jobSlots, type Load, rateOf, type Sku, Throttle } from './throttle.ts';
import { Twins } from './twins.ts';

export interface LocalIotHubOptions {
  /** `fleetloom-dev-weu.azure-devices.net` */
  readonly hostName: string;
  /** Default: one unit of S1. */
  readonly sku?: Sku;
  readonly units?: number;
  /** Other names under which clients call it; `localhost` is always one. */
  readonly aliases?: readonly string[];
  readonly clock: LocalClock;
  readonly state: State;
  readonly faults: Faults;
  readonly log: (line: string) => void;
}

/** One IoT hub: its state and its rules, which every protocol calls. */
export class LocalIotHub {
  readonly hostName: string;
  /** The names under which clients know it, its own first. */
  readonly hostNames: readonly string[];
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly log: (line: string) => void;
  readonly policies: Policies;
  readonly identities: Identities;
  readonly deviceAccess: DeviceAccess;
  readonly twins: Twins;
  readonly lines: Lines;
  readonly methods: Methods;
  readonly devicebound: Devicebound;
  readonly feed: Feed;
  readonly queries: Queries;
  readonly jobs: Jobs;
  readonly configurations: Configurations;
  readonly throttle: Throttle;
  readonly metering: Metering;
  readonly sku: Sku;

  constructor(options: LocalIotHubOptions) {
    const { state, clock, sku = 'S1', units = 1 } = options;
    this.sku = sku;
    this.throttle = new Throttle({ clock, sku, units });
    this.metering = new Metering({ clock, sku, units });
    this.hostName = options.hostName;
    this.hostNames = [options.hostName, 'localhost', ...(options.aliases ?? [])];
    this.clock = clock;
    this.faults = options.faults;
    this.log = options.log;
    this.identities = new Identities({ state, clock });
    this.policies = new Policies(state, options.hostName);
    this.deviceAccess = new DeviceAccess({
      ...{ identities: this.identities, policies: this.policies },
      hosts: this.hostNames,
    });
    this.twins = new Twins({ state, clock, identities: this.identities });
    this.lines = new Lines({ state, clock });
    this.methods = new Methods({ identities: this.identities, lines: this.lines, clock });
    this.devicebound = new Devicebound({ state, clock, identities: this.identities, lines: this.lines });
    this.feed = new Feed({
      ...{ state, clock },
      enrich: (deviceId) => ({ homeEpoch: this.#homeEpoch(deviceId) }),
      systemPropertiesOf: (deviceId) => {
        const identity = this.identities.find(deviceId);
        return identity === undefined ? {} : { 'iothub-connection-auth-generation-id': identity.generationId };
      },
    });
    this.queries = new Queries(this, () => this.jobs.rows());
    new HubEvents(this).start();
    meterHub(this);
    this.identities.updated.add(({ deviceId, status }) => {
      if (status === 'disabled') this.lines.drop(deviceId, 'DeviceDisabled');
    });
    this.identities.deleted.add(({ deviceId }) => this.lines.drop(deviceId, 'DeviceNotFound'));
    this.twins.desired.add(({ deviceId, patch, version }) => this.lines.get(deviceId)?.desired(patch, version));
    // Last: what was under way when the hub went down goes on at once.
    const { identities, twins, methods, queries } = this;
    const perSecond = rateOf('jobDevices', sku, units).amount;
    this.jobs = new Jobs({ state, clock, twins, methods, queries, slots: jobSlots[sku], perSecond });
    this.configurations = new Configurations({ state, clock, identities, twins, queries });
  }

  /** For what is counted and billed. @throws HubError ThrottlingException, IotHubQuotaExceeded */
  admit(load: Load, amount?: number): void {
    this.metering.requireQuota();
    this.throttle.take(load, amount);
  }

  close(): void {
    this.jobs.close();
    this.devicebound.close();
    this.lines.close();
  }

  /** `$twin.tags.home.epoch`. Where a twin has none, the service leaves the words themselves. */
  #homeEpoch(deviceId: string): string {
    const home = this.identities.find(deviceId) && member(this.twins.get(deviceId).tags, 'home');
    const epoch = isObject(home) ? member(home, 'epoch') : undefined;
    return epoch === undefined || epoch === null || typeof epoch === 'object' ? '$twin.tags.home.epoch' : String(epoch);
  }
}
