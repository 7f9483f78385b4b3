import * as z from 'zod/mini';
import type {
  AssetWish,
  PartnerDesk,
  PartnerPackage,
  PartnerTraveller,
  Told,
} from '#shared/partners/assets/partner-desk.ts';
import type { PartnerFeed } from '#shared/partners/assets/partner-feed.ts';
import type { TokenSeal } from '#shared/partners/assets/partner-feed-service.ts';
import type { LegOperation } from '#shared/partners/tomp/leg.ts';
import { collectionPath, processPath, type TompProcess } from '#shared/partners/tomp/link.ts';
import { offerCollection } from '#shared/partners/tomp/offer.ts';
import type { PackageStatus } from '#shared/partners/tomp/package.ts';
import { referenceOf } from '#shared/partners/tomp/place.ts';
import type { UrlRules } from '#shared/webhooks/address-rules.ts';
import { type BoundedAnswer, boundedCall } from './bounded-call.ts';
import { isForAnother, isUsable, packageAnswer, partnerPackage } from './tomp-package.ts';

/** ms for one call: several are made while somebody waits. Bytes of an answer. */
const [patience, largest] = [4_000, 256 * 1024];

/** Partners' bookings by TOMP 2.0, with their own token, which is readable for the length of a call. */
export class TompDesk implements PartnerDesk {
  readonly #rules: UrlRules;
  readonly #seal: Pick<TokenSeal, 'open'>;
  readonly #patience: number;

  constructor(rules: UrlRules, seal: Pick<TokenSeal, 'open'>, within = patience) {
    this.#rules = rules;
    this.#seal = seal;
    this.#patience = within;
  }

  async offer(feed: PartnerFeed, { assetId, place, at }: AssetWish, traveller: PartnerTraveller) {
    const inputs = {
      specification: { from: referenceOf(place), startTime: new Date(at).toISOString() },
      requirements: { assets: [assetId] },
      ...{ travellers: [travellerOf(traveller)], customFields: { radius: 200 } },
    };
    const told = await this.#execute(feed, 'search-offers', inputs, offerCollection);
    if (told.kind !== 'told') return told;
    const meant = told.value.features.find(({ properties }) => isOf(properties.legs, assetId));
    if (meant === undefined) return refused('asset-not-offered', 'It is offered no more.');
    return { kind: 'told' as const, value: meant.id };
  }

  async purchase(feed: PartnerFeed, offerId: string, traveller: PartnerTraveller, reference: string) {
    const inputs = { offer: offerId, travellers: [travellerOf(traveller)], paymentMethod: 'PAY_WHEN_FINISHED' };
    const told = await this.#execute(feed, 'purchase-offers', inputs, packageAnswer, reference);
    if (told.kind !== 'told') return told;
    return isForAnother(told.value, traveller) ? otherwise('another-traveller') : packageTold(told.value);
  }

  confirm(feed: PartnerFeed, packageId: string) {
    return this.#package(feed, 'confirm-purchase', packageId, {}, `${packageId}-confirm`);
  }

  extend(feed: PartnerFeed, packageId: string, reference: string) {
    return this.#package(feed, 'extend-expiry-time', packageId, { reason: 'OTHER' }, reference);
  }

  async giveBack(feed: PartnerFeed, packageId: string, status: PackageStatus) {
    const process = status === 'PENDING' ? 'rollback-purchase' : 'cancel-package';
    // Not one reference for both: it belongs to the process that it was sent to first.
    return this.#package(feed, process, packageId, {}, `${packageId}-${process}`);
  }

  async look(feed: PartnerFeed, packageId: string): Promise<Told<PartnerPackage>> {
    const query = `?packageId=${encodeURIComponent(packageId)}`;
    const told = judged(await this.#call(feed, 'GET', `${collectionPath('packages')}${query}`), packageAnswer);
    return told.kind === 'told' ? packageTold(told.value, packageId) : told;
  }

  async operate(feed: PartnerFeed, packageId: string, legId: string, operation: LegOperation) {
    const inputs = { package: packageId, leg: legId };
    return this.#execute(feed, `${operation}-leg`, inputs, nothing, `${packageId}-${operation}-${Date.now()}`);
  }

  acceptPrice(feed: PartnerFeed, legId: string) {
    return this.#execute(feed, 'confirm-payment', { paymentId: legId }, nothing, `${legId}-payment`);
  }

  async #package(feed: PartnerFeed, process: TompProcess, packageId: string, more: object, reference: string) {
    const told = await this.#execute(feed, process, { package: packageId, ...more }, packageAnswer, reference);
    return told.kind === 'told' ? packageTold(told.value, packageId) : told;
  }

  async #execute<S extends z.ZodMiniType>(
    feed: PartnerFeed,
    process: TompProcess,
    inputs: object,
    schema: S,
    reference?: string,
  ): Promise<Told<z.output<S>>> {
    return judged(await this.#call(feed, 'POST', processPath(process), { inputs }, reference), schema);
  }

  async #call(feed: PartnerFeed, method: 'GET' | 'POST', path: string, body?: object, reference?: string) {
    const token = await this.#seal.open(feed.sealedToken, feed);
    const headers = {
      ...{ authorization: `Bearer ${token}`, 'accept-language': 'en' },
      ...(reference !== undefined && { 'idempotency-key': reference }),
    };
    const asked = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const limits = { ...this.#rules, patience: this.#patience, largest };
    return boundedCall(`${feed.tompUrl.replace(/\/$/, '')}${path}`, asked, limits);
  }
}

const nothing = z.pipe(
  z.unknown(),
  z.transform(() => undefined),
);

/** Our own operator has seen their papers. What the type asks for is said of them, and nothing else. */
function travellerOf({ id, vouched }: PartnerTraveller) {
  const { age, licence } = vouched ?? {};
  const licenseType = { licenseCategory: 'DRIVER_LICENSE', licenseCode: licence?.class };
  const characteristics = {
    isValidated: true,
    ...(age !== undefined && { age }),
    ...(licence !== undefined && { licenses: [{ type: 'license', licenseType, endValidity: licence.until }] }),
  };
  return { type: 'traveller', id, characteristics };
}

function isOf(legs: readonly { readonly assets?: readonly string[] | undefined }[] | undefined, assetId: string) {
  return legs?.some(({ assets }) => assets?.includes(assetId)) ?? false;
}

/** What is said of another package than the one that was asked for is no answer: its price is somebody else's. */
function packageTold(answer: z.output<typeof packageAnswer>, asked?: string): Told<PartnerPackage> {
  const value = partnerPackage(answer);
  if (!isUsable(value)) return otherwise('not-understood');
  if (asked !== undefined && value.packageId !== asked) return otherwise('another-package');
  return { kind: 'told', value };
}

function otherwise(why: string): Extract<Told<never>, { kind: 'unknown' }> {
  return { kind: 'unknown', why };
}

const problem = z.object({
  type: z.optional(z.string()),
  title: z.optional(z.string()),
  detail: z.optional(z.string()),
});
/** Too early or too much; or about our token, of which another one may be known in a moment: nothing of the package. */
const passing = new Set([401, 403, 408, 425, 429]);
/** Seconds: what is other by then is not refused. */
const soon = 30;

/** Of a refusal it is known that nothing was done. Whatever else is no answer leaves it open. */
function judged<S extends z.ZodMiniType>(answer: BoundedAnswer, schema: S): Told<z.output<S>> {
  if (answer.kind === 'failed') return { kind: 'unknown', why: answer.why };
  const { status, headers, text } = answer;
  const body = jsonIn(text);
  if (status >= 200 && status < 300) {
    const parsed = schema.safeParse(body);
    return parsed.success ? { kind: 'told', value: parsed.data } : { kind: 'unknown', why: 'not-understood' };
  }
  if (status < 400 || status >= 500) return { kind: 'unknown', why: `status-${status}` };
  // A page of whatever stands before the partner: not its own word.
  if (body === undefined && text.trim() !== '') return otherwise('not-understood');
  const { type = '', title, detail } = problem.safeParse(body).data ?? {};
  const code = codeOf(type);
  // A conflict with a name of its own is a refusal; one without may be the same request under way.
  const isPassing = status === 409 ? code === '' || code === 'operation-in-progress' : passing.has(status);
  if (isPassing || Number(headers['retry-after'] ?? Infinity) <= soon) {
    return { kind: 'unknown', why: `status-${status}` };
  }
  return refused(code === '' ? `status-${status}` : code, told(detail ?? title ?? ''));
}

/** RFC 9457: a URI, of which the last part tells problems apart (`…/problems/asset-taken`, `/docs#problem-asset-taken`). */
function codeOf(type: string): string {
  return type === 'about:blank' ? '' : (/[^/#:]*$/.exec(type)?.[0] ?? '').replace(/^problem-/, '');
}

function refused(code: string, detail: string): Extract<Told<never>, { kind: 'refused' }> {
  return { kind: 'refused', code, detail };
}

/** A sentence of theirs, on the screens of our people: short, and without what cannot be seen. */
function told(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, ' ').slice(0, 160);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
