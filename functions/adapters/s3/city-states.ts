import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { CityStates, KeptCity } from '#shared/sharing/feeds/feed-ports.ts';
import type { PublishedCity } from '#shared/sharing/feeds/published-city.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import { cityStateOf, cityStateText } from './city-state-text.ts';
import { statusOf } from './found-text.ts';

/** Where no distribution reads. */
const stateFolder = 'state';
/** A city of 2,000 vehicles is about a megabyte. */
const citiesKept = 24;

export function cityStateKey(systemId: SystemId): string {
  return `${stateFolder}/${systemId}.json`;
}

/** One object a city. What this instance has read last it reads again only where somebody else has written since. */
export class S3CityStates implements CityStates {
  readonly #client: S3Client;
  readonly #bucket: string;
  /** The one asked for last comes last. */
  readonly #known = new Map<SystemId, KeptCity>();

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async load(systemId: SystemId): Promise<KeptCity | undefined> {
    const known = this.#known.get(systemId);
    const get = { ...this.#object(systemId), ...(known !== undefined && { IfNoneMatch: known.tag }) };
    try {
      const { Body, ETag: tag } = await this.#client.send(new GetObjectCommand(get));
      if (Body === undefined || tag === undefined) throw new Error('S3 answered without a body, or its tag');
      return this.#keep(systemId, { city: cityStateOf(await Body.transformToString('utf-8')), tag });
    } catch (error) {
      if (statusOf(error) === 304 && known !== undefined) return this.#keep(systemId, known);
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async save(city: PublishedCity, loaded: KeptCity | undefined): Promise<boolean> {
    const { systemId } = city.setup.system;
    const asLoaded = loaded === undefined ? { IfNoneMatch: '*' } : { IfMatch: loaded.tag };
    const put = { ...this.#object(systemId), Body: cityStateText(city), ContentType: 'application/json', ...asLoaded };
    try {
      const { ETag: tag } = await this.#client.send(new PutObjectCommand(put));
      if (tag !== undefined) this.#keep(systemId, { city, tag });
      return true;
    } catch (error) {
      // 409: somebody else is writing it at this moment. 404: somebody has deleted it.
      if (![404, 409, 412].includes(statusOf(error) ?? 0)) throw error;
      this.#known.delete(systemId);
      return false;
    }
  }

  #keep(systemId: SystemId, city: KeptCity): KeptCity {
    this.#known.delete(systemId);
    this.#known.set(systemId, city);
    const [leastAsked] = this.#known.keys();
    if (this.#known.size > citiesKept && leastAsked !== undefined) this.#known.delete(leastAsked);
    return city;
  }

  #object(systemId: SystemId) {
    return { Bucket: this.#bucket, Key: cityStateKey(systemId) };
  }
}
