import type { LocalClock } from '#local/clock.ts';
import type { Collection, State } from '#local/state/collection.ts';
import { identityEtag, matches } from '../etag.ts';
import { argumentInvalid, HubError } from '../hub-error.ts';
import type { Identities } from '../identities.ts';
import type { Queries } from '../queries.ts';
import { parseCondition, parseQuery } from '../query/parse-query.ts';
import type { Twins } from '../twins.ts';
import { type Configuration, configurationWishSchema } from './configuration.ts';
import { type Overlay, overlayOf, patchBetween } from './overlay.ts';

interface Parts {
  readonly state: State;
  readonly clock: LocalClock;
  readonly identities: Identities;
  readonly twins: Twins;
  readonly queries: Queries;
}

const mostConfigurations = 100;

/**
 * Automatic device configurations: settings for all devices of a condition, also those that fulfil it later; who no
 * longer does loses them. The service looks every five minutes, this one at once. Every method throws `HubError`.
 */
export class Configurations {
  readonly #parts: Parts;
  readonly #configurations: Collection<Configuration>;
  /** What of each device's desired properties stems from configurations. */
  readonly #applied: Collection<Overlay>;
  readonly #waiting = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#configurations = parts.state.collection('azure/configurations');
    this.#applied = parts.state.collection('azure/applied-configurations');
    parts.identities.created.add(({ deviceId }) => this.#soon([deviceId]));
    parts.identities.deleted.add(({ deviceId }) => this.#applied.delete(deviceId));
    parts.twins.changed.add(({ deviceId }) => this.#soon([deviceId]));
  }

  list() {
    return [...this.#configurations.values()].map((each) => this.#answer(each));
  }

  get(id: string) {
    return this.#answer(this.#find(id));
  }

  /** @param ifMatch undefined: it is to be a new one */
  put(said: unknown, ifMatch: string | undefined) {
    const parsed = configurationWishSchema.safeParse(said);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw argumentInvalid(`${issue?.path.join('.')}: ${issue?.message}`);
    }
    const wish = parsed.data;
    parseCondition(wish.targetCondition ?? '');
    for (const query of Object.values(wish.metrics?.queries ?? {})) parseQuery(query);
    const before = ifMatch === undefined ? this.#absent(wish.id) : this.#unchanged(wish.id, ifMatch);
    const now = this.#parts.clock.now();
    const revision = (before?.revision ?? 0) + 1;
    this.#configurations.set(wish.id, { wish, createdAt: before?.createdAt ?? now, updatedAt: now, revision });
    this.#soon(this.#everybody());
    return this.get(wish.id);
  }

  delete(id: string, ifMatch: string | undefined): void {
    this.#unchanged(id, ifMatch);
    this.#configurations.delete(id);
    this.#soon(this.#everybody());
  }

  #find(id: string): Configuration {
    const found = this.#configurations.get(id);
    if (found === undefined) throw new HubError('ConfigurationNotFound', `There is no configuration ${id}.`);
    return found;
  }

  #absent(id: string): undefined {
    if (this.#configurations.has(id))
      throw new HubError('ConfigurationAlreadyExists', `The configuration ${id} exists.`);
    if (this.#configurations.size < mostConfigurations) return;
    throw argumentInvalid(`a hub has at most ${mostConfigurations} configurations`);
  }

  #unchanged(id: string, ifMatch: string | undefined): Configuration {
    const found = this.#find(id);
    if (matches(ifMatch, identityEtag(found.revision))) return found;
    throw new HubError('PreconditionFailed', `The configuration ${id} has changed.`);
  }

  #targets({ wish }: Configuration): readonly string[] {
    const condition = wish.targetCondition?.trim() ?? '';
    return condition === '' ? [] : this.#parts.queries.matching(parseCondition(condition));
  }

  #everybody(): readonly string[] {
    return [...this.#parts.identities.all()].map(({ deviceId }) => deviceId);
  }

  /** Not within the write that gave the occasion: whoever hears of writes hears of them in order. */
  #soon(deviceIds: readonly string[]): void {
    if (this.#configurations.size === 0 && this.#applied.size === 0) return;
    const first = this.#waiting.size === 0;
    for (const deviceId of deviceIds) this.#waiting.add(deviceId);
    if (first && this.#waiting.size > 0) this.#parts.clock.after(0, () => this.#reconcile());
  }

  #reconcile(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    const targets = [...this.#configurations.values()].map((each) => ({ each, ids: new Set(this.#targets(each)) }));
    for (const deviceId of waiting) {
      if (this.#parts.identities.find(deviceId) === undefined) continue;
      const after = overlayOf(targets.filter(({ ids }) => ids.has(deviceId)).map(({ each }) => each));
      const patch = patchBetween(this.#applied.get(deviceId) ?? {}, after);
      if (patch === undefined) continue;
      this.#write(deviceId, patch, after);
    }
  }

  #write(deviceId: string, desired: object, after: Overlay): void {
    try {
      this.#parts.twins.patchByService(deviceId, { properties: { desired } });
      if (Object.keys(after).length === 0) this.#applied.delete(deviceId);
      else this.#applied.set(deviceId, after);
    } catch (error) {
      // The twin has no room for it: the device stays as it is, targeted and not applied.
      if (!(error instanceof HubError)) throw error;
    }
  }

  #answer(configuration: Configuration) {
    const { wish, createdAt, updatedAt, revision } = configuration;
    const targeted = this.#targets(configuration);
    const queries = wish.metrics?.queries ?? {};
    const results = Object.entries(queries).map(([name, query]) => [name, this.#parts.queries.run(query).rows.length]);
    const condition = wish.targetCondition ?? '';
    return {
      ...wish,
      schemaVersion: wish.schemaVersion ?? '1.0',
      labels: wish.labels ?? {},
      contentType: 'assignment',
      targetCondition: condition,
      priority: wish.priority ?? 0,
      createdTimeUtc: new Date(createdAt).toISOString(),
      lastUpdatedTimeUtc: new Date(updatedAt).toISOString(),
      systemMetrics: {
        results: {
          targetedCount: targeted.length,
          appliedCount: targeted.filter((deviceId) => this.#applied.has(deviceId)).length,
        },
        queries: { targetedCount: `select deviceId from devices where ${condition}` },
      },
      metrics: { results: Object.fromEntries(results), queries },
      etag: identityEtag(revision),
    };
  }
}
