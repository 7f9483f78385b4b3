import { expect, test } from 'vitest';
import type { Campaign } from '#shared/ota/campaigns/campaign.ts';
import { ReleasedUpdates } from '#shared/ota/director/campaign-gate.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import { aVehicleId } from '../../../contract/samples.ts';
import { aCampaignId } from '../../../support/reporting-vehicle.ts';

const now = 1_800_000_000_000;
const campaigns = {
  running: { status: 'running', since: 1 },
  closed: { status: 'closed', at: 1 },
  paused: { status: 'paused', since: 1, by: 'somebody' },
  stopped: { status: 'stopped', since: 1, by: 'somebody' },
  cancelled: { status: 'cancelled', at: 1, by: 'somebody' },
} satisfies Record<string, Campaign['state']>;
const updates = {
  offered: { status: 'offered' },
  accepted: { status: 'accepted', consent: { by: 'owner', at: 1, from: 1, to: 2 } },
  installed: { status: 'installed' },
} satisfies Record<string, Update['state']>;

const word = async (
  campaign: keyof typeof campaigns,
  update: keyof typeof updates,
  purpose: 'download' | 'install' = 'download',
) => {
  const gate = new ReleasedUpdates(
    { load: async () => ({ state: campaigns[campaign] }) },
    { load: async () => ({ state: updates[update], releaseId: 'rel' }) },
  );
  const answer = await gate.ask(aVehicleId(), aCampaignId(), purpose, now);
  return answer.kind === 'refused' ? answer.reason : answer.kind;
};

test('a vehicle gets what its campaign has released to it, and nothing before or afterwards', async () => {
  expect(await word('running', 'accepted')).toBe('released');
  expect(await word('closed', 'accepted', 'install')).toBe('released');
  expect(await word('running', 'offered')).toBe('not-released');
  expect(await word('running', 'installed', 'install')).toBe('not-released');
  expect(await word('cancelled', 'accepted')).toBe('not-released');
});

test('paused, nothing more begins to be downloaded; stopped, nothing more begins to be installed', async () => {
  expect(await word('paused', 'accepted', 'download')).toBe('paused');
  expect(await word('paused', 'accepted', 'install')).toBe('released');
  expect(await word('stopped', 'accepted', 'download')).toBe('stopped');
  expect(await word('stopped', 'accepted', 'install')).toBe('stopped');
});
