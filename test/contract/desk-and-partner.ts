import { expect } from 'vitest';
import type {
  AssetWish,
  PartnerDesk,
  PartnerPackage,
  PartnerTraveller,
  Told,
} from '#shared/partners/assets/partner-desk.ts';
import type { PartnerFeed } from '#shared/partners/assets/partner-feed.ts';
import type { LegOperation } from '#shared/partners/tomp/leg.ts';
import type { Loss } from '../support/lossy-line.ts';

/** A desk, and the partner at the other end of its line, whoever that is. */
export interface DeskAndPartner {
  readonly desk: PartnerDesk;
  /** Comes in with a token that the partner does not know. */
  readonly stranger: PartnerDesk;
  readonly feed: PartnerFeed;
  /** One that is free, and of this test alone. */
  asset(): Promise<string>;
  /** One that asks for a licence of class B and 21 years. */
  readonly licensed: string;
  /** It, by the name that it has at present: another one after each use. Undefined while nobody is offered it. */
  wish(asset: string): Promise<AssetWish | undefined>;
  /** What the next call of that process, or question for that collection, comes to. */
  loses(process: string, what: Loss): void;
  /** How many packages there are in which the asset is held or used, by the partner’s own word. */
  open(asset: string): Promise<number>;
  /** Has it do what its user would, where it does not by being asked. */
  does(asset: string, what: 'started' | 'paused' | 'resumed' | 'ended'): Promise<void>;
  passes(minutes: number): void;
  now(): number;
  /** What is not confirmed by then is nobody’s any more. */
  readonly pendingMinutes: number;
  /** How much longer a pending package is held by an extension. */
  readonly extensionMinutes: number;
}

export const done = {
  start: 'started',
  pause: 'paused',
  resume: 'resumed',
  end: 'ended',
} as const satisfies Record<LegOperation, string>;

export function value<T>(told: Told<T>): T {
  if (told.kind !== 'told') throw new Error(`Nothing was told: ${JSON.stringify(told)}`);
  return told.value;
}

/** A person of ours at the partner's: each has a name there, and their calls have references. */
export class Rider {
  readonly #given: DeskAndPartner;
  readonly traveller: PartnerTraveller;
  readonly reference: string;

  constructor(given: DeskAndPartner, name: string) {
    this.#given = given;
    this.reference = `${name}-${Math.random().toString(36).slice(2, 12)}`;
    this.traveller = { id: this.reference, vouched: { age: 16 } };
  }

  /** What was given back a moment ago, a search may not know yet. */
  async offer(asset: string): Promise<string> {
    const { desk, feed } = this.#given;
    let offered: Told<string> | undefined;
    await expect
      .poll(
        async () => {
          const wish = await this.#given.wish(asset);
          offered = wish && (await desk.offer(feed, wish, this.traveller));
          return offered;
        },
        { timeout: 40_000, interval: 250 },
      )
      .toMatchObject({ kind: 'told' });
    if (offered === undefined) throw new Error('Nobody was asked');
    return value(offered);
  }

  buys(offerId: string): Promise<Told<PartnerPackage>> {
    const { desk, feed } = this.#given;
    return desk.purchase(feed, offerId, this.traveller, this.reference);
  }

  async bought(asset: string): Promise<PartnerPackage> {
    return value(await this.buys(await this.offer(asset)));
  }

  async package({ packageId }: PartnerPackage): Promise<PartnerPackage> {
    const { desk, feed } = this.#given;
    return value(await desk.look(feed, packageId));
  }
}

/** In the middle of the city, where no asset of that name is. */
export function somewhere(given: DeskAndPartner): AssetWish {
  return { assetId: 'no-such-asset', place: { latitude: 52.52, longitude: 13.405 }, at: given.now() };
}

/** The same is asked twice: the first time its answer is lost. */
export async function lostOnce<T>(given: DeskAndPartner, process: string, ask: () => Promise<Told<T>>): Promise<T> {
  given.loses(process, 'answer');
  expect(await ask()).toMatchObject({ kind: 'unknown' });
  return value(await ask());
}
