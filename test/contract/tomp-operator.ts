import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { landingPage } from '#shared/partners/tomp/landing-page.ts';
import { legCollection } from '#shared/partners/tomp/leg.ts';
import { minorUnits } from '#shared/partners/tomp/money.ts';
import { type Offer, offerCollection } from '#shared/partners/tomp/offer.ts';
import { type TompPackage, tompPackage } from '#shared/partners/tomp/package.ts';
import { payments } from '#shared/partners/tomp/payment.ts';
import type { Traveller } from '#shared/partners/tomp/traveller.ts';

/** What an operator of TOMP 2.0 is for this contract, whoever has built it. */
export interface TompOperator {
  /** Below it are `/processes/…` and `/collections/…`. */
  readonly baseUrl: string;
  /** Of a reseller, and of another one whom the operator knows as well. */
  token(reseller: 'one' | 'another'): Promise<string>;
  /** Where the assets stand: `GPS:<longitude>,<latitude>`. */
  readonly place: string;
  /** An asset that is free, as long as this test has it, and is opened and locked by the operator. */
  asset(): Promise<string>;
  /** What resellers call it at present: another name after each use. Undefined while nobody is offered it. */
  name(asset: string): Promise<string | undefined>;
  /** What a request asks of an asset is done with its answer, and not later by the asset's own means. */
  readonly obeysAtOnce?: true;
  /** An asset that asks for a licence of class B and 21 years. */
  readonly licensed: string;
  /** Has it do something, as its user would, and waits until the operator has heard. */
  does(asset: string, what: 'started' | 'paused' | 'resumed' | 'ended'): Promise<void>;
  /** Lets so much time go by. */
  passes(minutes: number): void;
  now(): number;
  /** How long a package is pending, and how often that is extended. */
  readonly pending: { readonly minutes: number; readonly extensions: number };
}

export interface TompAnswer {
  readonly status: number;
  readonly body: unknown;
}

const problemBody = z.object({
  type: z.string(),
  resolution: z.optional(z.string()),
  errors: z.optional(z.array(z.object({ pointer: z.string() }))),
});

/** A reseller, by plain HTTP. */
export class Reseller {
  readonly #operator: TompOperator;
  readonly #who: 'one' | 'another';

  constructor(operator: TompOperator, who: 'one' | 'another' = 'one') {
    this.#operator = operator;
    this.#who = who;
  }

  process(name: string, inputs: object, headers: Readonly<Record<string, string>> = {}): Promise<TompAnswer> {
    return this.#send(`/processes/${name}/execution`, { inputs }, headers);
  }

  collection(name: string, query: Readonly<Record<string, string>> = {}): Promise<TompAnswer> {
    return this.#send(`/collections/${name}/items?${new URLSearchParams(query)}`);
  }

  page(): Promise<TompAnswer> {
    return this.#send('');
  }

  async offer(asset: string): Promise<Offer> {
    const specification = { from: this.#operator.place };
    let found: Offer | undefined;
    // What was given back a moment ago, a search may not know yet.
    await expect
      .poll(
        async () => {
          const name = (await this.#operator.name(asset)) ?? 'nobody-is-offered-it';
          const inputs = { type: 'searchOffer', specification, requirements: { assets: [name] } };
          const { features } = offerCollection.parse((await this.process('search-offers', inputs)).body);
          found = features.find(({ properties }) => properties.legs?.[0]?.assets?.includes(name));
          return found !== undefined;
        },
        { timeout: 40_000, interval: 250 },
      )
      .toBe(true);
    if (found === undefined) throw new Error(`No offer of ${asset}`);
    return found;
  }

  buys(offer: string, traveller: Traveller): Promise<TompAnswer> {
    return this.process('purchase-offers', { offer, travellers: [traveller] });
  }

  async bought(asset: string, id: string): Promise<TompPackage> {
    const { id: offer } = await this.offer(asset);
    return packageIn(await this.buys(offer, someone(id)));
  }

  async package(packageId: string): Promise<TompPackage> {
    return packageIn(await this.collection('packages', { packageId }));
  }

  async #send(path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<TompAnswer> {
    const token = await this.#operator.token(this.#who);
    const answer = await fetch(`${this.#operator.baseUrl}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...{ authorization: `Bearer ${token}`, 'accept-language': 'en', ...headers },
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  }
}

function someone(id: string, changes: Partial<NonNullable<Traveller['characteristics']>> = {}): Traveller {
  const licences = [{ licenseType: { licenseCode: 'B', issuingCountry: 'DE' }, endValidity: '2045-05-31' }];
  return { type: 'traveller', id, characteristics: { isValidated: true, age: 34, licenses: licences, ...changes } };
}

export function packageIn(answer: TompAnswer): TompPackage {
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200 });
  return tompPackage.parse(answer.body);
}

/** The problem that it was refused with. */
function refusal({ status, body }: TompAnswer) {
  const { type, resolution } = problemBody.parse(body);
  return { status, code: type.replace(/^.*[/#](?:problem-)?/, ''), resolution };
}

function linksOf({ links }: TompPackage): readonly string[] {
  return links.map(({ rel }) => rel);
}

function legOf({ features }: TompPackage): string | undefined {
  return features[0]?.properties.status;
}

/** TOMP leaves its name to the operator; it may be the package's. */
function legIdOf({ features }: TompPackage): string {
  return String(features[0]?.id);
}

/** What a reseller relies upon, whoever runs the vehicles. Each test has the asset that it is given to itself. */
export function tompOperator(given: () => TompOperator): void {
  test('a package goes from offer to settlement, each answer with the links that its state admits', async () => {
    const operator = given();
    const [reseller, asset] = [new Reseller(operator), await operator.asset()];
    const rels = landingPage.parse((await reseller.page()).body).links.map(({ rel }) => rel);
    expect(rels).toEqual(expect.arrayContaining(['search-offers', 'purchase-offers', 'confirm-purchase', 'packages']));
    const offer = await reseller.offer(asset);
    expect(offer.properties).toMatchObject({ status: 'OFFERED', price: { estimated: true } });
    expect(offer.links.map(({ rel }) => rel)).toContain('purchase-offers');
    const bought = await reseller.buys(offer.id, someone('ada'));
    const pending = packageIn(bought);
    const { id } = pending.properties;
    const leg = legIdOf(pending);
    expect(pending.properties.status).toBe('PENDING');
    expect(linksOf(pending)).toEqual(
      expect.arrayContaining(['confirm-purchase', 'extend-expiry-time', 'rollback-purchase']),
    );
    // Whoever heard no answer asks again, and buys nothing twice.
    expect(packageIn(await reseller.buys(offer.id, someone('ada'))).properties.id).toBe(id);
    for (let round = 0; round < 2; round++) {
      const confirmed = packageIn(await reseller.process('confirm-purchase', { package: id }));
      expect(confirmed.properties.status).toBe('CONFIRMED');
      expect(linksOf(confirmed)).toContain('start-leg');
      expect(linksOf(confirmed)).not.toContain('confirm-purchase');
    }
    const inputs = { package: id, leg, timestamp: new Date(operator.now()).toISOString() };
    const opened = legOf(packageIn(await reseller.process('start-leg', inputs)));
    expect(opened).toBe(operator.obeysAtOnce ? 'IN_USE' : 'READY_TO_USE');
    await operator.does(asset, 'started');
    const started = await reseller.package(id);
    expect([started.properties.status, legOf(started)]).toEqual(['STARTED', 'IN_USE']);
    operator.passes(3);
    // A request asks; the asset decides.
    await reseller.process('pause-leg', { leg });
    await operator.does(asset, 'paused');
    const paused = packageIn(await reseller.process('pause-leg', { leg }));
    expect([legOf(paused), linksOf(paused)]).toEqual(['PAUSED', expect.arrayContaining(['resume-leg', 'end-leg'])]);
    operator.passes(2);
    await reseller.process('resume-leg', { leg });
    await operator.does(asset, 'resumed');
    await reseller.process('end-leg', { leg });
    await operator.does(asset, 'ended');
    await expect
      .poll(async () => linksOf(await reseller.package(id)), { timeout: 20_000 })
      .toContain('confirm-payment');
    const ended = await reseller.package(id);
    expect([ended.properties.status, legOf(ended)]).toEqual(['ENDED', 'ENDED']);
    const charged = minorUnits(ended.properties.price?.amount ?? 0);
    expect(charged).toBeGreaterThan(0);
    const elements = ended.properties.price?.elements ?? [];
    expect(elements.reduce((sum, { amount }) => sum + minorUnits(amount), 0)).toBe(charged);
    const journal = payments.parse((await reseller.collection('payments', { package: id })).body);
    expect(journal.features.map(({ properties: { category, amount } }) => [category, minorUnits(amount)])).toEqual([
      ['FARE', charged],
    ]);
    for (let round = 0; round < 2; round++) {
      const settled = packageIn(await reseller.process('confirm-payment', { paymentId: leg }));
      expect([settled.properties.status, linksOf(settled)]).toEqual(['SETTLED', ['self', 'payments']]);
    }
  });

  test('what a month of packages costs is what its entries cost, each entered once', async () => {
    const reseller = new Reseller(given());
    const month = new Date(given().now()).toISOString().slice(0, 7);
    const { properties, features } = payments.parse(
      (await reseller.collection('payments', { month, limit: '100' })).body,
    );
    const sum = features.reduce((total, { properties: { amount } }) => total + minorUnits(amount), 0);
    expect(minorUnits(properties.total?.amount ?? -1)).toBe(sum);
    expect(new Set(features.map(({ id }) => id)).size).toBe(features.length);
  });

  test('what is bought is nobody else’s, and what is given back is free again', async () => {
    const operator = given();
    const [one, another, asset] = [new Reseller(operator), new Reseller(operator, 'another'), await operator.asset()];
    const [mine, theirs, unused] = [await one.offer(asset), await another.offer(asset), await one.offer(asset)];
    const name = mine.properties.legs?.[0]?.assets?.[0];
    const stolen = await another.buys(mine.id, someone('eve'));
    expect(refusal(stolen)).toMatchObject({ status: 404, code: 'offer-not-found' });
    const bought = packageIn(await one.buys(mine.id, someone('grace')));
    const [{ id }, leg] = [bought.properties, legIdOf(bought)];
    expect(refusal(await one.buys(mine.id, someone('eve')))).toMatchObject({ status: 409, code: 'offer-used' });
    const taken = { status: 409, code: 'vehicle-reserved' };
    expect(refusal(await another.buys(theirs.id, someone('grace')))).toMatchObject(taken);
    expect(refusal(await one.buys(unused.id, someone('eve')))).toMatchObject(taken);
    const unseen = { status: 404, code: 'package-not-found' };
    const asked = [
      another.collection('packages', { packageId: id }),
      another.collection('legs', { packageId: id }),
      another.process('confirm-purchase', { package: id }),
      another.process('rollback-purchase', { package: id }),
      another.process('start-leg', { leg }),
      another.process('confirm-payment', { paymentId: leg }),
    ];
    for (const answer of await Promise.all(asked)) expect(refusal(answer)).toMatchObject(unseen);
    const legs = legCollection.parse((await one.collection('legs', { packageId: id })).body);
    expect(legs.features.map((found) => [found.id, found.properties.assets])).toEqual([[leg, [name]]]);
    for (let round = 0; round < 2; round++) {
      const back = packageIn(await one.process('release-package', { package: id }));
      expect([back.properties.status, linksOf(back)]).toEqual(['RELEASED', ['self']]);
    }
    expect((await another.bought(asset, 'grace')).properties.status).toBe('PENDING');
  });

  test('a leg operation that is none, comes at the wrong time or from the future says what is possible', async () => {
    const operator = given();
    const [reseller, asset] = [new Reseller(operator), await operator.asset()];
    const bought = await reseller.bought(asset, 'joan');
    const [{ id }, leg] = [bought.properties, legIdOf(bought)];
    const unknown = await reseller.process('fly-leg', { leg });
    expect(refusal(unknown)).toMatchObject({
      status: 404,
      code: 'leg-operation-unknown',
      resolution: expect.stringMatching(/start-leg/),
    });
    const early = refusal(await reseller.process('start-leg', { leg }));
    expect(early).toMatchObject({
      status: 409,
      code: 'leg-operation-not-possible',
      resolution: expect.stringMatching(/confirm-purchase/),
    });
    packageIn(await reseller.process('confirm-purchase', { package: id }));
    for (const operation of ['pause-leg', 'resume-leg', 'end-leg']) {
      const wrong = refusal(await reseller.process(operation, { leg }));
      expect(wrong).toMatchObject({
        status: 409,
        code: 'leg-operation-not-possible',
        resolution: expect.stringMatching(/start-leg/),
      });
    }
    const timestamp = new Date(operator.now() + 3_600_000).toISOString();
    const ahead = refusal(await reseller.process('start-leg', { leg, timestamp }));
    expect(ahead).toMatchObject({ status: 400, code: 'timestamp-not-possible' });
    const back = packageIn(await reseller.process('cancel-package', { package: id }));
    expect(back.properties.status).toBe('CANCELLED');
  });

  test('a licence that is missing or over, and an age that is too low, are said before anything is held', async () => {
    const { licensed } = given();
    const reseller = new Reseller(given());
    const { id } = await reseller.offer(licensed);
    const former = { licenseType: { licenseCode: 'B' }, endValidity: '2020-01-01' };
    const faults: readonly (readonly [Parameters<typeof someone>[1], string])[] = [
      [{ licenses: [] }, 'traveller-licence-missing'],
      [{ licenses: [former] }, 'traveller-licence-expired'],
      [{ age: 20 }, 'traveller-too-young'],
      [{ isValidated: false }, 'traveller-not-validated'],
    ];
    for (const [changes, code] of faults) {
      const traveller = someone('mary', changes);
      expect(refusal(await reseller.buys(id, traveller))).toMatchObject({ status: 422, code });
    }
  });

  test('what nobody confirms in time has expired, and is extended as often as agreed, and no longer', async () => {
    const operator = given();
    const [reseller, asset] = [new Reseller(operator), await operator.asset()];
    const { id } = (await reseller.bought(asset, 'emmy')).properties;
    const extend = () => reseller.process('extend-expiry-time', { package: id, reason: 'PAYMENT_PENDING' });
    for (let left = operator.pending.extensions; left > 0; left--) {
      expect(packageIn(await extend()).properties.customFields?.extensionsLeft).toBe(left - 1);
    }
    expect(refusal(await extend())).toMatchObject({ status: 409, code: 'extensions-used' });
    const most = (operator.pending.extensions + 1) * operator.pending.minutes;
    operator.passes(most + 1);
    const expired = await reseller.package(id);
    expect([expired.properties.status, linksOf(expired)]).toEqual(['EXPIRED', ['self']]);
    for (const process of ['confirm-purchase', 'extend-expiry-time', 'rollback-purchase']) {
      const late = refusal(await reseller.process(process, { package: id }));
      expect(late).toMatchObject({ status: 409, code: 'package-expired' });
    }
  });
}
