import type { Caller } from '../../access/caller.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { Failure, type FieldError } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { SharingDoor } from '../../sharing/setup/acting.ts';
import type { SharingSetup } from '../../sharing/setup/setup-repository.ts';
import type { SharingSystem } from '../../sharing/setup/system.ts';
import { isSame } from '../../sharing/setup/system-order.ts';
import type { SystemId } from '../../sharing/sharing-id.ts';
import {
  hostOf,
  isAddress,
  isLoopbackAddress,
  isPublicAddress,
  type UrlRules,
  urlFault,
} from '../../webhooks/address-rules.ts';
import type { PartnerFeedRepository } from './feed-ports.ts';
import type { FeedState } from './feed-state.ts';
import {
  contentOf,
  type FeedChanges,
  type FeedContent,
  type FeedName,
  type FeedOrder,
  type PartnerFeed,
} from './partner-feed.ts';

/** Keeps what partners gave us to come in with: nobody who reads the tables reads it. */
export interface TokenSeal {
  seal(token: string, name: FeedName): Promise<string>;
  open(sealed: string, name: FeedName): Promise<string>;
}

export interface FeedCalls {
  /** Has it read soon. */
  read(name: FeedName): Promise<void>;
}

export interface PartnerFeedPorts {
  readonly feeds: PartnerFeedRepository;
  readonly door: Pick<SharingDoor, 'system'>;
  readonly setup: Pick<SharingSetup, 'plan'>;
  readonly seal: TokenSeal;
  readonly calls: FeedCalls;
  /** The addresses a name leads to now; empty where nobody knows it. */
  readonly addresses: (host: string) => Promise<readonly string[]>;
  readonly rules: UrlRules;
  readonly clock: Clock;
}

export interface FeedWithState {
  readonly feed: PartnerFeed;
  readonly state?: FeedState;
  readonly now: Instant;
}

/** What operators set up of partners whose assets stand in their cities. */
export class PartnerFeedService {
  readonly #ports: PartnerFeedPorts;

  constructor(ports: PartnerFeedPorts) {
    this.#ports = ports;
  }

  /** The very same again changes nothing but the token. */
  async create(caller: Caller, name: FeedName, { token, ...content }: FeedOrder) {
    const { feeds, seal, clock } = this.#ports;
    const system = await this.#ports.door.system(caller, name.systemId);
    await this.#requirePossible(system, content);
    const created = await untilSaved(async () => {
      const seen = await feeds.load(name);
      if (seen !== undefined && !isSame(contentOf(seen), content)) throw knownOtherwise(name);
      const feed: PartnerFeed = {
        ...{ ...content, ...name, operatorId: system.operatorId, sealedToken: await seal.seal(token, name) },
        ...{ createdAt: seen?.createdAt ?? clock.now(), version: (seen?.version ?? 0) + 1 },
      };
      return (await feeds.save(feed, seen)) ? { created: seen === undefined, feed } : undefined;
    });
    await this.#ports.calls.read(name);
    return { created: created.created, ...(await this.#withState(created.feed)) };
  }

  async require(caller: Caller, name: FeedName): Promise<FeedWithState> {
    await this.#ports.door.system(caller, name.systemId);
    return this.#withState(await this.#known(name));
  }

  async list(caller: Caller, systemId: SystemId, page: PageRequest): Promise<Page<FeedWithState>> {
    await this.#ports.door.system(caller, systemId);
    const { items, ...more } = await this.#ports.feeds.of(systemId, page);
    return { items: await Promise.all(items.map((feed) => this.#withState(feed))), ...more };
  }

  async change(caller: Caller, name: FeedName, { token, ...changes }: FeedChanges): Promise<FeedWithState> {
    const { feeds, seal } = this.#ports;
    const system = await this.#ports.door.system(caller, name.systemId);
    const feed = await untilSaved(async () => {
      const seen = await this.#known(name);
      const content: FeedContent = { ...contentOf(seen), ...changes };
      if (token === undefined && isSame(contentOf(seen), content)) return seen;
      await this.#requirePossible(system, content);
      const sealedToken = token === undefined ? seen.sealedToken : await seal.seal(token, name);
      const next: PartnerFeed = { ...seen, ...content, sealedToken, version: seen.version + 1 };
      return (await feeds.save(next, seen)) ? next : undefined;
    });
    await this.#ports.calls.read(name);
    return this.#withState(feed);
  }

  async #known({ systemId, feedId }: FeedName): Promise<PartnerFeed> {
    const feed = await this.#ports.feeds.load({ systemId, feedId });
    if (feed !== undefined) return feed;
    throw new Failure('not-found', 'partner-feed-not-found', `${systemId} offers no partner "${feedId}".`, {
      resolution: `GET /v1/sharing/systems/${systemId}/partner-feeds lists them.`,
    });
  }

  async #withState(feed: PartnerFeed): Promise<FeedWithState> {
    const state = await this.#ports.feeds.state(feed);
    return { feed, ...(state !== undefined && { state }), now: this.#ports.clock.now() };
  }

  async #requirePossible(system: SharingSystem, { gbfsUrl, tompUrl, shows }: FeedContent): Promise<void> {
    const urls = [...(await this.#urlFaults('/gbfsUrl', gbfsUrl)), ...(await this.#urlFaults('/tompUrl', tompUrl))];
    if (urls.length > 0) {
      throw new Failure('invalid', 'partner-url-refused', 'Partners are not called there.', {
        resolution: 'Name https URLs of hosts in the public network, on port 443 or 8443.',
        errors: urls,
      });
    }
    const types = await this.#typeFaults(system, shows);
    if (types.length === 0) return;
    throw new Failure('invalid', 'partner-types-not-usable', 'The partner’s vehicles cannot be shown so.', {
      resolution: 'Name each type of the partner once, with a type of the system and a plan that there is.',
      errors: types,
    });
  }

  async #typeFaults({ systemId, vehicleTypes }: SharingSystem, shows: FeedContent['shows']): Promise<FieldError[]> {
    const faults: FieldError[] = [];
    for (const [index, { assetTypeId, vehicleTypeId, planId }] of shows.entries()) {
      const at = `/shows/${index}`;
      if (shows.findIndex((one) => one.assetTypeId === assetTypeId) !== index) {
        faults.push({ pointer: `${at}/assetTypeId`, detail: 'is there twice' });
      }
      const type = vehicleTypes.find((one) => one.vehicleTypeId === vehicleTypeId);
      if (type === undefined) {
        faults.push({ pointer: `${at}/vehicleTypeId`, detail: `${systemId} has no such vehicle type` });
        continue;
      }
      const plan = await this.#ports.setup.plan(systemId, planId ?? type.planId);
      const pointer = planId === undefined ? `${at}/vehicleTypeId` : `${at}/planId`;
      if (plan === undefined) faults.push({ pointer, detail: `${systemId} has no plan "${planId ?? type.planId}"` });
    }
    return faults;
  }

  /** Looked at again with each call: names change where they lead. */
  async #urlFaults(pointer: string, url: string): Promise<FieldError[]> {
    const { rules, addresses } = this.#ports;
    const fault = urlFault(url, rules);
    if (fault !== undefined) return [{ pointer, detail: fault }];
    const host = hostOf(new URL(url));
    if (isAddress(host)) return [];
    const isRefused = (one: string) => !isPublicAddress(one) && !(rules.allowLoopback && isLoopbackAddress(one));
    const leads = (await addresses(host)).some(isRefused);
    return leads ? [{ pointer, detail: 'leads to an address that is none of the public network' }] : [];
  }
}

function knownOtherwise({ systemId, feedId }: FeedName): Failure {
  return new Failure('conflict', 'partner-feed-known-otherwise', `${systemId} offers "${feedId}" with other data.`, {
    resolution: 'Change it with PATCH, or take another id.',
  });
}
