import * as z from 'zod/mini';
import type { Rollout } from '../ota/rollout.ts';
import type { DeviceTwin } from './device-twin.ts';

/** The release that stands for whatever has been consented to. */
const standing = 'standing';

const releaseSchema = z.object({ releasedAt: z.number() });
const statusSchema = z.object({
  status: z.enum(['in-progress', 'succeeded', 'failed']),
  releasedAt: z.optional(z.number()),
});

/**
 * A release is `desired.rollouts.<campaign> = { releasedAt }`; where the vehicle stands it says in
 * `reported.rollouts.<campaign>`, with the release that it speaks of: another one is another chance.
 */
export class TwinRollout implements Rollout {
  onChange: () => void = () => {};
  private readonly twin: DeviceTwin;

  constructor(twin: DeviceTwin) {
    this.twin = twin;
    twin.onRollouts = () => this.onChange();
  }

  isReleased(campaignId: string): boolean {
    return this.releasesOf(campaignId).length > 0;
  }

  /** The twin is read with each connection and kept up: there is nothing to ask for. */
  look(): void {}

  async installing(campaignId: string): Promise<boolean> {
    // A patch that took it back may be lost: what the hub says now decides.
    await this.twin.read();
    const [release] = this.releasesOf(campaignId);
    if (release === undefined) return false;
    await this.say(release.name, { status: 'in-progress', releasedAt: release.releasedAt });
    return true;
  }

  async ended(campaignId: string, succeeded: boolean, detail: string): Promise<void> {
    if (this.twin.member('rollouts') === undefined) throw new Error('the twin is not known yet');
    const status = succeeded ? 'succeeded' : 'failed';
    for (const { name, releasedAt } of this.releasesOf(campaignId)) {
      await this.say(name, { status, releasedAt, detail: detail === '' ? null : detail });
    }
  }

  /** What the hub has taken back is said no more. */
  private async say(name: string, status: object): Promise<void> {
    const { desired, reported } = this.twin.member('rollouts') ?? { desired: {}, reported: {} };
    const gone = Object.keys(reported).filter((each) => !Object.hasOwn(desired, each));
    const forgotten = Object.fromEntries(gone.map((each) => [each, null]));
    await this.twin.reportAll({ rollouts: { ...forgotten, [name]: status } });
  }

  /** The campaign's own before the one that stands for all: where one is over, the other is not. */
  private releasesOf(campaignId: string): readonly { readonly name: string; readonly releasedAt: number }[] {
    const { desired, reported } = this.twin.member('rollouts') ?? { desired: {}, reported: {} };
    return [campaignId, standing].flatMap((name) => {
      const releasedAt = releaseSchema.safeParse(desired[name]).data?.releasedAt;
      const said = statusSchema.safeParse(reported[name]).data;
      const isOver = said !== undefined && said.status !== 'in-progress' && said.releasedAt === releasedAt;
      return releasedAt === undefined || isOver ? [] : [{ name, releasedAt }];
    });
  }
}
