import type { Instant } from '../../kernel/clock.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { Inventory } from '../../registry/inventory.ts';
import type { Vehicle } from '../../registry/vehicle.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { VehicleQuery } from '../../registry/vehicle-repository.ts';
import { enlisted, type Update } from '../updates/update.ts';
import type { UpdateRepository } from '../updates/update-repository.ts';
import { type Campaign, estimated } from './campaign.ts';
import { ineligible } from './eligibility.ts';
import type { OfferedRelease, ReleaseSource } from './offered-release.ts';
import type { CampaignRepository } from './ports.ts';
import { foundOne, type Run, withWork } from './run.ts';
import type { RunStep, Stepped } from './run-service.ts';
import type { SharedFleet } from './shared-fleet.ts';

export interface RegistryScanPorts {
  readonly registry: { search(query: VehicleQuery, page: PageRequest): Promise<Page<Vehicle>> };
  readonly inventories: { loadMany(ids: readonly VehicleId[]): Promise<ReadonlyMap<VehicleId, Inventory>> };
  readonly releases: ReleaseSource;
  readonly updates: UpdateRepository;
  readonly campaigns: CampaignRepository;
}

const pageSize = 100;

interface Judged {
  readonly vehicle: Vehicle;
  /** Undefined for a vehicle that the campaign is for. */
  readonly reason: string | undefined;
}

/** A page of the registry, and for each vehicle whether the campaign is for it. */
async function judgedPage(ports: RegistryScanPorts, campaign: Campaign, from: string | undefined) {
  const release = await releaseOf(ports.releases, campaign);
  const page = await ports.registry.search(queryFor(campaign), {
    limit: pageSize,
    ...(from !== undefined && { from }),
  });
  const inventories = await ports.inventories.loadMany(page.items.map(({ vehicleId }) => vehicleId));
  const judged: readonly Judged[] = page.items.map((vehicle) => ({
    vehicle,
    reason: ineligible(vehicle, inventories.get(vehicle.vehicleId), campaign.query, release),
  }));
  return { judged, next: page.next };
}

/** Counts whom the campaign would reach, and writes it into the campaign. */
export class EstimateStep implements RunStep {
  readonly #ports: RegistryScanPorts;

  constructor(ports: RegistryScanPorts) {
    this.#ports = ports;
  }

  async step(campaign: Campaign, run: Run, now: Instant): Promise<Stepped> {
    if (run.work.kind !== 'estimating') return { run };
    const { judged, next } = await judgedPage(this.#ports, campaign, run.work.from);
    let { found } = run.work;
    for (const { vehicle, reason } of judged) found = foundOne(found, reason === undefined ? vehicle : { reason });
    if (next !== undefined) return { run: withWork(run, { kind: 'estimating', from: next, found }), next: now };
    const saved = await this.#ports.campaigns.save(estimated(campaign, { ...found, at: now }, now), campaign.version);
    // Somebody approved it meanwhile: the last page once more.
    return saved ? { run: withWork(run, { kind: 'resting' }) } : { run: withWork(run, run.work), next: now };
  }
}

/** Enlists every vehicle that the campaign is for. */
export class EnlistStep implements RunStep {
  readonly #ports: RegistryScanPorts & { readonly shared: SharedFleet };

  constructor(ports: RegistryScanPorts & { readonly shared: SharedFleet }) {
    this.#ports = ports;
  }

  async step(campaign: Campaign, run: Run, now: Instant): Promise<Stepped> {
    if (run.work.kind !== 'enlisting') return { run };
    // Whoever paused or stopped it before everybody is enlisted calls again.
    if (campaign.state.status !== 'running') return { run: withWork(run, run.work) };
    const { judged, next } = await judgedPage(this.#ports, campaign, run.work.from);
    const meant = judged.filter(({ reason }) => reason === undefined).map(({ vehicle }) => vehicle);
    const shared = await this.#ports.shared.among(meant.map(({ vehicleId }) => vehicleId));
    await Promise.all(meant.map((vehicle) => this.#ports.updates.add(enlistment(campaign, vehicle, shared, now))));
    // A page that is done again counts once: the number is written with the place.
    const counted = { enlisted: run.enlisted + meant.length };
    if (next !== undefined) return { run: withWork(run, { kind: 'enlisting', from: next }, counted), next: now };
    return { run: withWork(run, { kind: 'offering', pass: { seen: 0 } }, counted), next: now };
  }
}

/** @param shared whoever sits in a shared vehicle is not asked, whatever the campaign says of others */
export function enlistment(
  campaign: Campaign,
  { vehicleId, market, model }: Vehicle,
  shared: ReadonlySet<VehicleId>,
  now: Instant,
): Update {
  const { campaignId, releaseId, softwareVersion, priority, recall } = campaign;
  const consentBy = shared.has(vehicleId) ? 'operator' : campaign.consentBy;
  return enlisted(
    { vehicleId, campaignId, releaseId, softwareVersion, priority, recall, consentBy, market, model },
    now,
  );
}

async function releaseOf(releases: ReleaseSource, { releaseId }: Pick<Campaign, 'releaseId'>) {
  const release: OfferedRelease | undefined = await releases.load(releaseId);
  if (release === undefined) throw new Error(`The release ${releaseId} is gone`);
  return release;
}

/** As far as the registry's indexes answer it; the rest is looked at vehicle by vehicle. */
function queryFor({ brand, query }: Pick<Campaign, 'brand' | 'query'>): VehicleQuery {
  const [model, market, softwareVersion] = [only(query.models), only(query.markets), only(query.softwareVersions)];
  return {
    ...{ brands: [brand], status: 'active' },
    ...(softwareVersion !== undefined ? { softwareVersion } : model !== undefined && { model }),
    ...(softwareVersion === undefined && model !== undefined && market !== undefined && { market }),
  };
}

function only<T>(wanted: readonly T[] | undefined): T | undefined {
  return wanted?.length === 1 ? wanted[0] : undefined;
}
