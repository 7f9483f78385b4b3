import { epochOf, type Identity, isSameIdentity } from './certification.ts';
import type { FirstIntroduction } from './dialect.ts';
import { Doubt } from './doubt.ts';
import { type Log, reasonOf } from './host.ts';
import { confirmIdentity, identityConfirmed } from './identity-memory.ts';
import type { HomeMemory } from './moving/home-memory.ts';
import type { Storage } from './storage.ts';

export interface IntroductionParts {
  readonly storage: Storage;
  readonly homes: HomeMemory;
  /** Whether the vehicle can be this one: another version of its software may have spoken with more clouds. */
  readonly speaks: (identity: Identity) => boolean;
  readonly log: Log;
  /** Whether the vehicle was closed. */
  readonly closed: () => boolean;
  /** What the vehicle says of itself; undefined where it has no claim. */
  readonly options: FirstIntroduction | undefined;
}

/**
 * How often one of several identities has to be refused before the next is tried; doubled each time, up to the second.
 * Former homes are given up at once: one of them that still wants the vehicle lets it in.
 */
const fewest = 3;
const most = 48;

/** Who the vehicle is to the cloud: the identity it holds, how it came by it, and whether it is worth keeping. */
export class Introduction {
  private readonly parts: IntroductionParts;
  private held: Identity | undefined;
  private doubt: Doubt;
  private renewing = false;
  private refusals = 0;
  private patience = fewest;

  /** @throws UnreadableIdentity */
  constructor(parts: IntroductionParts) {
    this.parts = parts;
    this.held = this.identities()[0];
    this.doubt = this.newDoubt(identityConfirmed(parts.storage));
  }

  /** Undefined until the vehicle is provisioned. */
  get identity(): Identity | undefined {
    return this.held;
  }

  /** @throws ProvisioningRefused where the cloud does not let it in */
  async provision(): Promise<Identity> {
    if (this.held !== undefined) return this.held;
    const { options } = this.parts;
    if (options === undefined) throw new Error('the vehicle is not provisioned and has no claim');
    this.held = await options.transport.dialect.provision(options);
    return this.held;
  }

  /** The cloud let the vehicle in as `identity`. */
  accepted(identity: Identity): void {
    this.refusals = 0;
    this.patience = fewest;
    this.note(() => this.parts.homes.accepted(identity), 'arrived');
    if (!this.doubt.dispel()) return;
    this.note(() => confirmIdentity(this.parts.storage, identity), 'confirmed');
  }

  /** The cloud refused, at a time on a clock that never steps back. True where it is time to introduce oneself again. */
  refused(at: number): boolean {
    // Who has been at home anywhere else was let in.
    return this.held?.home === undefined && this.doubt.refused(at);
  }

  /**
   * The cloud refused, and there is another identity to try: a vehicle that changes its certificate, or its home, has
   * both. Neither is given up, because nobody knows which one the cloud has chosen.
   *
   * @param denied false where the cloud was not reached: another one may be
   */
  fallback(denied: boolean): Identity | undefined {
    const { held } = this;
    if (held === undefined) return undefined;
    const identities = this.identities();
    const at = identities.findIndex((each) => isSameIdentity(each, held));
    const others = [...identities.slice(at + 1), ...identities.slice(0, Math.max(at, 0))];
    const next = others.find((each) => denied || epochOf(each) !== epochOf(held));
    if (next === undefined) return undefined;
    this.refusals += 1;
    const isFormerHome = identities.some((each) => epochOf(each) > epochOf(held));
    if (this.refusals < (isFormerHome ? fewest : this.patience)) return undefined;
    this.refusals = 0;
    if (!isFormerHome) this.patience = Math.min(this.patience * 2, most);
    return next;
  }

  /** The vehicle is this one of its identities from now on. */
  adopt(identity: Identity): void {
    this.held = identity;
    this.refusals = 0;
  }

  /**
   * Introduces the vehicle anew and hands what comes of it to `change`, which takes it. The cloud has the last word: it
   * lets nobody in who is suspended or retired, nor with another certificate who was online.
   */
  async renew(former: Identity, change: (identity: Identity) => Promise<void>): Promise<void> {
    const { options, log } = this.parts;
    if (options === undefined || this.renewing) return;
    this.renewing = true;
    try {
      log('the cloud does not accept this certificate: introduced anew');
      const { dialect } = options.transport;
      await change(await dialect.provisionAgain({ ...options, storage: this.storageWhileOpen() }, former));
    } catch (error) {
      log(`not introduced anew: ${reasonOf(error)}`);
    } finally {
      this.renewing = false;
    }
  }

  /** From now on the vehicle is `identity`, which the cloud has yet to accept. */
  take(identity: Identity): void {
    this.held = identity;
    this.doubt = this.newDoubt(false);
  }

  private newDoubt(dispelled: boolean): Doubt {
    return new Doubt(dispelled, this.parts.options?.transport.dialect.knowsAgain);
  }

  private identities(): readonly Identity[] {
    const { homes, speaks } = this.parts;
    const all = homes.identities();
    const spoken = all.filter(speaks);
    // One that nobody can be is still none that was never introduced.
    return spoken.length > 0 ? spoken : all;
  }

  /** A full disk: the next connection is another chance. */
  private note(write: () => void, what: string): void {
    try {
      write();
    } catch (error) {
      this.parts.log(`the identity is not noted as ${what}: ${reasonOf(error)}`);
    }
  }

  /** The directory of a closed vehicle may be another's: what comes too late is asked for again. */
  private storageWhileOpen(): Storage {
    const { storage, closed } = this.parts;
    return {
      ...storage,
      write: (name, value) => {
        if (closed()) throw new Error('the vehicle was closed');
        storage.write(name, value);
      },
    };
  }
}
