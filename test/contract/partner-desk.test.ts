import { afterAll, beforeAll, describe } from 'vitest';
import { TompDesk } from '#functions/adapters/partners/tomp-desk.ts';
import { partnerFeed } from '../support/asset-town.ts';
import { LossyLine } from '../support/lossy-line.ts';
import { aReferenceAsset, type ReferenceAsset } from '../support/reference-gbfs.ts';
import { ReferencePartner } from '../support/reference-partner.ts';
import type { DeskAndPartner } from './desk-and-partner.ts';
import { partnerDesk } from './partner-desk.ts';

// Our own server is the other end of the line in test/journeys/outward/both-sides.ts.
describe('our client and the reference partner', () => {
  let partner: ReferencePartner;
  let line: LossyLine;
  let ahead = 0;
  beforeAll(async () => {
    const scooters = ['1', '2', '3', '4', '5'].map((id) => aReferenceAsset(`scooter-${id}`));
    partner = await ReferencePartner.open([...scooters, aReferenceAsset('moped', { kind: 'moped' })]);
    partner.now = () => Date.now() + ahead;
    line = await LossyLine.open(partner.tompUrl);
  });
  afterAll(() => {
    line.close();
    partner.close();
  });

  const deskWith = (token: string) => new TompDesk({ allowLoopback: true }, { open: async () => token });
  const wishFor = ({ assetId, lat: latitude, lon: longitude }: ReferenceAsset) => ({
    ...{ assetId, place: { latitude, longitude }, at: partner.now() },
  });

  partnerDesk(() => {
    const { bookings, assets } = partner;
    const [moped] = [...assets.values()].filter(({ kind }) => kind === 'moped');
    if (moped === undefined) throw new Error('There is no moped');
    return {
      ...{ desk: deskWith(partner.token), stranger: deskWith('nobody-knows-it') },
      feed: { ...partnerFeed, tompUrl: line.url },
      async asset() {
        const free = [...assets.values()].find(({ assetId }) => /^scooter-\d$/.test(assetId));
        if (free === undefined) throw new Error('No scooter is left');
        free.assetId = `of-${free.assetId}`;
        return free.assetId;
      },
      licensed: moped.assetId,
      async wish(asset) {
        const found = [...assets.values()].find(({ assetId }) => assetId === asset);
        return found && wishFor(found);
      },
      loses: (process, what) => line.loses(process, what),
      open: async (asset) => bookings.holders(asset).length,
      does: async () => {},
      passes(minutes) {
        ahead += minutes * 60_000;
      },
      now: () => partner.now(),
      ...{ pendingMinutes: bookings.pendingMinutes, extensionMinutes: bookings.pendingMinutes },
    } satisfies DeskAndPartner;
  });
});
