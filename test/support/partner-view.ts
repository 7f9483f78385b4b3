import type { ApiClient } from '#local/tour/api-client.ts';
import { at, check } from '#local/tour/telling.ts';
import { packageList, type TompPackage } from '#shared/partners/tomp/package.ts';
import type { OutwardTown } from './outward-town.ts';
import { sampleOperator, sampleSystem } from './sharing-city.ts';

const terms = { trusts: ['licence'], openPackages: 20, creditLimit: 500_000 };

/** Some way off, so that others who stand in the middle of the city are farther. */
export const corner = { latitude: 52.525, longitude: 13.41 };
export const cornerReference = `GPS:${corner.longitude},${corner.latitude}`;
/** Below which our own city is booked. */
export const tompPath = `/v1/tomp/${sampleSystem.systemId}`;

/** A mobility app and somebody else, who may both book in our city. */
export async function partnersNamed(town: OutwardTown): Promise<void> {
  const other = town.home.cloud.file.identity.clients.find(({ name }) => name === 'operator')?.clientId;
  const partners = [town.clientId('mobility-app'), String(other)].map((clientId) => ({
    ...{ clientId, name: clientId },
    ...terms,
  }));
  const path = `/v1/sharing/operators/${sampleOperator.operatorId}`;
  const named = await town.operator.send('PATCH', path, { body: { partners } });
  check(named.status === 200, 'partners', named);
}

/** Bikes without a VIN, at the corner. */
export async function bikesAtCorner(town: OutwardTown, many: number): Promise<string[]> {
  const bikes = await Promise.all(Array.from({ length: many }, () => town.scene.unregistered('bike')));
  await Promise.all(bikes.map((vehicleId) => town.stands(vehicleId, corner)));
  return bikes;
}

/** Our own vehicles as a partner sees them: by what stands on them, and by names that change. */
export class PartnerView {
  readonly #town: OutwardTown;
  readonly #app: ApiClient;

  constructor(town: OutwardTown) {
    this.#town = town;
    this.#app = town.client('mobility-app');
  }

  /** Undefined while it is not offered. */
  async nameOf(vehicleId: string): Promise<string | undefined> {
    const mode = vehicleId === this.#town.car.vehicleId ? 'CAR' : 'BICYCLE';
    const inputs = { specification: { from: cornerReference }, requirements: { mode } };
    const found = await this.#app.post(`${tompPath}/processes/search-offers/execution`, { inputs });
    const label = await this.#labelOf(vehicleId);
    const assets = [at(found.body, 'properties', 'definitions', 'assets')].flat();
    const name = at(
      assets.find((asset) => at(asset, 'visualId') === label),
      'id',
    );
    return typeof name === 'string' ? name : undefined;
  }

  /** The newest first. */
  async packages(): Promise<readonly TompPackage[]> {
    const { body } = await this.#app.get(`${tompPath}/collections/packages/items?limit=100`);
    return packageList.parse(body).packages;
  }

  async packagesOf(vehicleId: string): Promise<readonly TompPackage[]> {
    const label = await this.#labelOf(vehicleId);
    return (await this.packages()).filter((one) => labelIn(one) === label);
  }

  /** Which of them it is about. */
  async vehicleOf(pack: TompPackage, vehicleIds: readonly string[]): Promise<string> {
    const labels = await Promise.all(vehicleIds.map((vehicleId) => this.#labelOf(vehicleId)));
    const vehicleId = vehicleIds[labels.indexOf(labelIn(pack))];
    if (vehicleId === undefined) throw new Error('The package is about another vehicle');
    return vehicleId;
  }

  async #labelOf(vehicleId: string): Promise<unknown> {
    return at((await this.#town.scene.vehicle(vehicleId)).body, 'label');
  }
}

function labelIn({ properties: { definitions } }: TompPackage): unknown {
  return definitions?.assets?.[0]?.visualId;
}
