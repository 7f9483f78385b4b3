import { expect, test } from 'vitest';
import type { PartnerTraveller } from '#shared/partners/assets/partner-desk.ts';
import { isGone } from '#shared/partners/assets/partner-use.ts';
import type { LegOperation } from '#shared/partners/tomp/leg.ts';
import { type DeskAndPartner, done, lostOnce, Rider, somewhere, value } from './desk-and-partner.ts';

/** What the platform relies upon when it books with a partner, whatever the two say to each other. */
export function partnerDesk(offered: () => DeskAndPartner): void {
  test('an asset is booked, ridden and priced, and each step of the ride may be asked for twice', async () => {
    const given = offered();
    const { desk, feed } = given;
    const [ada, asset] = [new Rider(given, 'ada'), await given.asset()];
    const bought = await ada.bought(asset);
    expect(bought).toMatchObject({ status: 'PENDING', price: { isFinal: false } });
    expect(bought.expiresAt).toBeGreaterThan(given.now());
    const confirmed = value(await desk.confirm(feed, bought.packageId));
    expect(confirmed.status).toBe('CONFIRMED');
    const { legId = '' } = confirmed.leg ?? {};
    const asks = async (operation: LegOperation) => {
      const { packageId } = bought;
      await lostOnce(given, `${operation}-leg`, () => desk.operate(feed, packageId, legId, operation));
      await given.does(asset, done[operation]);
      return ada.package(bought);
    };
    const started = await asks('start');
    expect(started).toMatchObject({ status: 'STARTED', leg: { status: 'IN_USE', legId }, price: { isFinal: false } });
    given.passes(3);
    expect(await asks('pause')).toMatchObject({ status: 'STARTED', leg: { status: 'PAUSED' } });
    given.passes(2);
    expect(await asks('resume')).toMatchObject({ status: 'STARTED', leg: { status: 'IN_USE' } });
    given.passes(2);
    await asks('end');
    await expect
      .poll(async () => (await ada.package(bought)).price?.isFinal, { timeout: 20_000, interval: 100 })
      .toBe(true);
    const { status, leg, price } = await ada.package(bought);
    expect([status, leg?.status, price?.currency]).toEqual(['ENDED', 'ENDED', 'EUR']);
    const { startedAt = 0, endedAt = 0, meters = -1 } = leg ?? {};
    expect(Math.round((endedAt - startedAt) / 60_000)).toBe(7);
    expect([meters >= 0, Number.isSafeInteger(price?.amount), price?.taxRate]).toEqual([true, true, 1900]);
    expect(price?.amount).toBeGreaterThan(0);
    await lostOnce(given, 'confirm-payment', () => desk.acceptPrice(feed, legId));
    expect(await ada.package(bought)).toMatchObject({ status: 'SETTLED', price: { amount: price?.amount } });
  }, 60_000);

  test('what was done, and whose answer was lost, is found by the next try and not done twice', async () => {
    const given = offered();
    const { desk, feed } = given;
    const [bob, asset] = [new Rider(given, 'bob'), await given.asset()];
    const offerId = await bob.offer(asset);
    const bought = await lostOnce(given, 'purchase-offers', () => bob.buys(offerId));
    const { packageId, expiresAt = 0 } = bought;
    expect(await given.open(asset)).toBe(1);
    const extend = () => desk.extend(feed, packageId, `${bob.reference}-extend`);
    const extended = await lostOnce(given, 'extend-expiry-time', extend);
    expect(extended.expiresAt).toBe(expiresAt + given.extensionMinutes * 60_000);
    const confirmed = await lostOnce(given, 'confirm-purchase', () => desk.confirm(feed, packageId));
    expect([confirmed.packageId, confirmed.status]).toEqual([packageId, 'CONFIRMED']);
    given.loses('packages', 'answer');
    expect(await desk.look(feed, packageId)).toMatchObject({ kind: 'unknown' });
    const back = await lostOnce(given, 'cancel-package', () => desk.giveBack(feed, packageId, 'CONFIRMED'));
    expect([isGone(back), await given.open(asset)]).toEqual([true, 0]);
  });

  test('what never arrived was not done, and is done by the next try', async () => {
    const given = offered();
    const { desk, feed } = given;
    const [cyd, asset] = [new Rider(given, 'cyd'), await given.asset()];
    given.loses('search-offers', 'question');
    expect(await desk.offer(feed, somewhere(given), cyd.traveller)).toMatchObject({ kind: 'unknown' });
    const offerId = await cyd.offer(asset);
    given.loses('purchase-offers', 'question');
    expect(await cyd.buys(offerId)).toMatchObject({ kind: 'unknown' });
    expect(await given.open(asset)).toBe(0);
    // Two who go on with the same use at once: neither is told that it was refused.
    const tries = await Promise.all([cyd.buys(offerId), cyd.buys(offerId)]);
    expect(tries.filter(({ kind }) => kind === 'refused')).toEqual([]);
    const { packageId } = value(await cyd.buys(offerId));
    expect(await given.open(asset)).toBe(1);
    const back = value(await desk.giveBack(feed, packageId, 'PENDING'));
    expect([back.status, await given.open(asset)]).toEqual(['ROLLBACK', 0]);
  });

  test('what somebody else has, what there is not and what is over is refused by name, and nothing is held', async () => {
    const given = offered();
    const { desk, feed } = given;
    const [dan, eve, asset] = [new Rider(given, 'dan'), new Rider(given, 'eve'), await given.asset()];
    const [mine, theirs] = [await dan.offer(asset), await eve.offer(asset)];
    const { packageId } = value(await dan.buys(mine));
    const words = { code: expect.stringMatching(/^[a-z-]+$/), detail: expect.stringMatching(/\w/) };
    const refused = { kind: 'refused', ...words };
    expect(await eve.buys(theirs)).toMatchObject({ ...refused, code: 'vehicle-reserved' });
    expect(await given.open(asset)).toBe(1);
    const nothing = somewhere(given);
    expect(await desk.offer(feed, nothing, eve.traveller)).toMatchObject({
      kind: 'refused',
      code: 'asset-not-offered',
    });
    const faults = [
      desk.purchase(feed, 'no-such-offer', eve.traveller, `${eve.reference}-2`),
      ...[desk.look(feed, 'no-such-package'), desk.confirm(feed, 'no-such-package')],
      desk.giveBack(feed, 'no-such-package', 'PENDING'),
    ];
    for (const fault of await Promise.all(faults)) expect(fault).toMatchObject(refused);
    given.passes(given.pendingMinutes + 1);
    expect(isGone(value(await desk.look(feed, packageId)))).toBe(true);
    for (const late of [desk.confirm(feed, packageId), desk.extend(feed, packageId, `${dan.reference}-late`)]) {
      expect(await late).toMatchObject({ ...refused, code: 'package-expired' });
    }
    const { status } = await new Rider(given, 'eve').bought(asset);
    expect([status, await given.open(asset)]).toEqual(['PENDING', 1]);
  });

  test('a token that the partner does not know says nothing of packages: nobody knows, and nothing is given up', async () => {
    const given = offered();
    const { desk, stranger, feed } = given;
    const [fay, asset] = [new Rider(given, 'fay'), await given.asset()];
    const bought = await fay.bought(asset);
    const asked = [
      stranger.offer(feed, somewhere(given), fay.traveller),
      stranger.look(feed, bought.packageId),
      stranger.confirm(feed, bought.packageId),
    ];
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ kind: 'unknown' });
    expect(await fay.package(bought)).toMatchObject({ status: 'PENDING' });
    value(await desk.giveBack(feed, bought.packageId, 'PENDING'));
  });

  test('what our operator answers for opens what asks for papers, and nothing less does', async () => {
    const given = offered();
    const { desk, feed, licensed } = given;
    const gus = new Rider(given, 'gus');
    const offerId = await gus.offer(licensed);
    const tomorrow = new Date(given.now() + 86_400_000).toISOString().slice(0, 10);
    const as = (age: number, licence?: string): PartnerTraveller => {
      const shown = licence === undefined ? {} : { licence: { class: licence, until: tomorrow } };
      return { id: gus.traveller.id, vouched: { age, ...shown } };
    };
    for (const [number, traveller] of [as(20, 'B'), as(21)].entries()) {
      const answer = await desk.purchase(feed, offerId, traveller, `${gus.reference}-${number}`);
      expect(answer).toMatchObject({ kind: 'refused', code: expect.stringMatching(/^traveller-/) });
    }
    expect(await given.open(licensed)).toBe(0);
    const { packageId } = value(await desk.purchase(feed, offerId, as(21, 'B'), gus.reference));
    value(await desk.giveBack(feed, packageId, 'PENDING'));
    expect(await given.open(licensed)).toBe(0);
  });
}
