import type { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import type { Clock, Instant } from '#shared/kernel/clock.ts';
import type { AssetName, AssetNames } from '#shared/partners/asset-names.ts';
import { publicVehicleId } from '#shared/sharing/feeds/public-id.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import { keyedDigest } from '../node-crypto/keyed-digest.ts';
import { cityStateKey } from './city-states.ts';
import { foundText } from './found-text.ts';

const state = z.object({ idKey: z.string() });
/** ms: the key changes where a city's state was lost, and with nothing else. */
const kept = 600_000;

/** By the key that the publisher of the feeds keeps in the city's state. */
export class S3AssetNames implements AssetNames {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #clock: Clock;
  readonly #known = new Map<SystemId, { readonly name: AssetName; readonly until: Instant }>();

  constructor(client: S3Client, bucket: string, clock: Clock) {
    this.#client = client;
    this.#bucket = bucket;
    this.#clock = clock;
  }

  async of(systemId: SystemId): Promise<AssetName> {
    const known = this.#known.get(systemId);
    const now = this.#clock.now();
    if (known !== undefined && known.until > now) return known.name;
    const text = await foundText(this.#client, { Bucket: this.#bucket, Key: cityStateKey(systemId) });
    // Nobody can have found it in a feed that there is not.
    if (text === undefined) return (vehicleId) => vehicleId;
    const digest = keyedDigest(state.parse(JSON.parse(text)).idKey);
    const name: AssetName = (vehicleId, uses) => publicVehicleId(digest, vehicleId, uses);
    this.#known.set(systemId, { name, until: now + kept });
    return name;
  }
}
