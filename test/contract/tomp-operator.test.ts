import { afterAll, beforeAll, describe } from 'vitest';
import { aReferenceAsset } from '../support/reference-gbfs.ts';
import { ReferencePartner } from '../support/reference-partner.ts';
import { type TompOperator, tompOperator } from './tomp-operator.ts';

// Our own server keeps the same promises in test/journeys/outward/tomp.ts.
describe('the partner against whom our client is tested', () => {
  let partner: ReferencePartner;
  let ahead = 0;
  beforeAll(async () => {
    const scooters = ['1', '2', '3', '4'].map((id) => aReferenceAsset(`scooter-${id}`));
    partner = await ReferencePartner.open([...scooters, aReferenceAsset('moped', { kind: 'moped' })]);
    partner.now = () => Date.now() + ahead;
  });
  afterAll(() => partner.close());

  tompOperator(() => {
    const { bookings } = partner;
    return {
      baseUrl: partner.tompUrl,
      token: async (reseller) => (reseller === 'one' ? partner.token : partner.otherToken),
      place: 'GPS:13.413,52.522',
      async asset() {
        const free = [...partner.assets.values()].find(({ assetId }) => /^scooter-\d$/.test(assetId));
        if (free === undefined) throw new Error('No scooter is left');
        free.assetId = `of-${free.assetId}`;
        return free.assetId;
      },
      name: async (asset) => asset,
      obeysAtOnce: true,
      licensed: 'moped',
      does: async () => {},
      passes(minutes) {
        ahead += minutes * 60_000;
      },
      now: () => partner.now(),
      pending: { minutes: bookings.pendingMinutes, extensions: bookings.extensions },
    } satisfies TompOperator;
  });
});
