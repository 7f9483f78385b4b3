import { expect, test } from 'vitest';
import * as z from 'zod';
import { Phone } from '#device-sdk/sharing/phone.ts';
import { openReceiver, type Receiver, signedBy } from '#local/tour/receiver.ts';
import { at, check, problem } from '#local/tour/telling.ts';
import { travelDocuments } from '#shared/partners/tomp/travel-document.ts';
import { packageIn, Reseller, type TompOperator, tompOperator } from '../../contract/tomp-operator.ts';
import type { OutwardTown } from '../../support/outward-town.ts';
import { bikesAtCorner, cornerReference, PartnerView, partnersNamed, tompPath } from '../../support/partner-view.ts';
import { sampleSystem } from '../../support/sharing-city.ts';

interface Story {
  readonly operator: TompOperator;
  readonly receiver: Receiver;
  readonly secret: string;
}

/** A mobility app books our bikes and cars for its customers; another one is known as well. */
export function tomp(town: () => OutwardTown): void {
  let begun: Promise<Story> | undefined;
  const story = () => {
    begun ??= begin(town());
    return begun;
  };
  let operator: TompOperator | undefined;
  test('an operator names its partners, and a partner has a webhook of its own packages', async () => {
    ({ operator } = await story());
  });
  tompOperator(() => {
    if (operator === undefined) throw new Error('No operator');
    return operator;
  });

  test('a car is opened by a key for the customer’s phone, and ends its leg by its own log', async () => {
    const { operator: ours } = await story();
    const { car, time } = town();
    const reseller = new Reseller(ours);
    const { id } = (await reseller.bought(car.vehicleId, 'ida')).properties;
    packageIn(await reseller.process('confirm-purchase', { package: id }));
    const phone = new Phone();
    const none = await reseller.process('start-leg', { leg: id });
    expect(at(none.body, 'type')).toContain('phone-key-missing');
    packageIn(await reseller.process('start-leg', { leg: id, customFields: { phoneKey: phone.publicKey } }));
    const { features } = travelDocuments.parse((await reseller.collection('travel-documents', { packageId: id })).body);
    phone.keep(String(features[0]?.properties.customFields?.token));
    const { sharing } = car.vehicle;
    if (sharing === undefined) throw new Error('The car is not shared');
    expect(await sharing.present(await phone.answer('start', sharing.challenge()))).toMatchObject({ kind: 'done' });
    const status = async () => (await reseller.package(id)).properties.status;
    await expect.poll(status, { timeout: 20_000 }).toBe('STARTED');
    const early = await reseller.process('end-leg', { leg: id });
    expect([early.status, at(early.body, 'type')]).toEqual([409, expect.stringContaining('leg-follows-vehicle')]);
    time.passes(4 * 60_000);
    expect(await sharing.present(await phone.answer('end', sharing.challenge()))).toMatchObject({ kind: 'done' });
    await expect.poll(status, { timeout: 20_000 }).toBe('ENDED');
    packageIn(await reseller.process('end-leg', { leg: id }));
  });

  test('the partner was told what its packages came to, and of nobody else’s', async () => {
    const { receiver, secret } = await story();
    const told = () =>
      receiver.heard.map(({ body }) =>
        z.object({ type: z.string(), data: z.record(z.string(), z.unknown()) }).parse(JSON.parse(body)),
      );
    // ENDED may be over, and its bill there, before anybody could tell it.
    await expect
      .poll(() => new Set(['ENDED', ...told().map(({ data }) => data['status'])]), { timeout: 20_000 })
      .toEqual(new Set(['PENDING', 'CONFIRMED', 'STARTED', 'ENDED', 'SETTLED', 'RELEASED', 'CANCELLED', 'EXPIRED']));
    expect(new Set(told().map(({ type }) => type))).toEqual(new Set(['sharing.package.changed']));
    for (const heard of receiver.heard) expect(signedBy(secret, heard)).toContain(true);
    receiver.close();
  });
}

async function begin(town: OutwardTown): Promise<Story> {
  const { home, time } = town;
  await partnersNamed(town);
  const app = town.client('mobility-app');
  const nobody = await app.get(`/v1/tomp/we-share-nowhere/collections/packages/items`);
  check(problem(nobody) === 'system-not-found', 'another city to be unknown', nobody);
  const receiver = await openReceiver();
  const hook = await app.post('/v1/webhooks', { url: receiver.url, types: ['sharing.package.changed'] });
  check(hook.status === 201, 'a webhook', hook);
  const bikes = await bikesAtCorner(town, 4);
  const view = new PartnerView(town);
  const operator: TompOperator = {
    baseUrl: `${home.cloud.file.api.baseUrl}${tompPath}`,
    token: (reseller) => town.token(reseller === 'one' ? 'mobility-app' : 'operator'),
    place: cornerReference,
    async asset() {
      const bike = bikes.pop();
      if (bike === undefined) throw new Error('No bike is left');
      return bike;
    },
    licensed: town.car.vehicleId,
    name: (vehicleId) => view.nameOf(vehicleId),
    async does(vehicleId, what) {
      await town.tells(vehicleId, what, await town.use(vehicleId));
    },
    passes: (minutes) => time.passes(minutes * 60_000),
    now: () => time.now(),
    pending: { minutes: sampleSystem.holds.minutes, extensions: sampleSystem.holds.extensions },
  };
  return { operator, receiver, secret: String(at(hook.body, 'secretText')) };
}
