import { expect } from 'vitest';
import { ApiClient } from '#local/tour/api-client.ts';
import { at, eventually } from '#local/tour/telling.ts';
import type { EcuImage } from '#shared/ota/releases/ecu-image.ts';
import type { Decision } from '#shared/vehicle-cloud/update-envelopes.ts';
import type { JourneyCloud } from './journey-cloud.ts';
import { approvedRelease, type UpdatedCar } from './updated-car.ts';

const minute = 60_000;

/** Campaigns as their managers run them, and what becomes of their cars. */
export class CampaignScene {
  readonly #home: JourneyCloud;
  #ahead = 0;

  constructor(home: JourneyCloud) {
    this.#home = home;
  }

  /** How far the clock was put ahead, ms. */
  get ahead(): number {
    return this.#ahead;
  }

  /** Drafted, estimated, approved by two others, and started. */
  async started(plan: object, images?: readonly EcuImage[]): Promise<string> {
    const { operator } = this.#home.journey;
    const release = await approvedRelease(this.#home.cloud, images);
    const draft = await operator.post('/v1/campaigns', {
      ...{ name: 'A trial', releaseId: release.releaseId, rollout: { rate: { kind: 'unlimited' } } },
      ...plan,
    });
    expect(draft.status, JSON.stringify(draft.body)).toBe(201);
    const campaignId = String(at(draft.body, 'campaignId'));
    const path = `/v1/campaigns/${campaignId}`;
    expect((await operator.post(`${path}/estimate`, undefined)).status).toBe(202);
    const estimated = () => operator.get(path);
    await eventually('an estimate', estimated, ({ body }) => at(body, 'estimate') !== undefined);
    for (const name of ['quality', 'safety']) {
      const approval = await new ApiClient(this.#home.cloud.file, name).post(`${path}/approve`, undefined);
      expect(approval.status).toBe(200);
    }
    const start = await operator.post(`${path}/start`, undefined);
    expect([start.status, at(start.body, 'status')], JSON.stringify(start.body)).toEqual([200, 'running']);
    return campaignId;
  }

  async statistics(campaignId: string): Promise<unknown> {
    return (await this.#home.journey.operator.get(`/v1/campaigns/${campaignId}/statistics`)).body;
  }

  async updateOf({ vehicleId }: UpdatedCar, campaignId: string): Promise<unknown> {
    return (await this.#home.journey.operator.get(`/v1/vehicles/${vehicleId}/updates/${campaignId}`)).body;
  }

  eventuallyIs(car: UpdatedCar, campaignId: string, status: string): Promise<unknown> {
    const isIt = (body: unknown) => at(body, 'status') === status;
    return eventually(`an update that is ${status}`, () => this.updateOf(car, campaignId), isIt, 20_000);
  }

  /**
   * Lets some minutes pass with each look: what sleeps may set its next alarm at any of them.
   *
   * @param rest real ms between two: a run has its lease by the clock that is put ahead, and needs time to do something
   */
  inTime<T>(what: string, ask: () => Promise<T>, isIt: (answer: T) => boolean, minutes = 1, rest = 0): Promise<T> {
    let moved = Number.NEGATIVE_INFINITY;
    const later = () => {
      if (performance.now() - moved >= rest) {
        moved = performance.now();
        this.#ahead += minutes * minute;
        this.#home.cloud.clock.runAhead(this.#ahead);
      }
      return ask();
    };
    return eventually(`in time ${what}`, later, isIt, 60_000);
  }

  inTimeIs(car: UpdatedCar, campaignId: string, status: string): Promise<unknown> {
    const isIt = (body: unknown) => at(body, 'status') === status;
    return this.inTime(`an update that is ${status}`, () => this.updateOf(car, campaignId), isIt);
  }

  onTime(): void {
    this.#ahead = 0;
    this.#home.cloud.clock.runAhead(0);
  }

  /** What somebody says on the car's screen; accepted for the next hour unless it says otherwise. */
  onScreen(car: UpdatedCar, campaignId: string, revision: number, decision: Decision = this.now()): Promise<number> {
    return car.report({ kind: 'decision', campaignId, revision, decision, at: Date.now() + this.#ahead });
  }

  now(): Decision {
    const now = Date.now() + this.#ahead;
    return { kind: 'accept', from: now - 1000, to: now + 3_600_000 };
  }
}
