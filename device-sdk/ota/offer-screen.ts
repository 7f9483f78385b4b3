import type { UpdateOffer } from '#shared/vehicle-cloud/update-envelopes.ts';
import type { Cancel, Host } from '../host.ts';
import { asChosen, isDue } from './offer.ts';
import type { UpdateMemory } from './update-memory.ts';

type Listener = (offer: UpdateOffer | undefined) => void;

/** Milliseconds: the clock is looked at so often while a reminder is due, for it may be set. */
const longestTimer = 3_600_000;

/** What the screen shows by itself: an offer that is new, or that was declined two days ago. */
export class OfferScreen {
  private readonly memory: UpdateMemory;
  private readonly host: Pick<Host, 'after'>;
  private readonly now: () => number;
  private readonly quietly: (tell: () => void) => void;
  private readonly listeners: Listener[] = [];
  private shown: string | undefined;
  private reminder: Cancel = () => {};

  /** @param quietly calls what may throw */
  constructor(memory: UpdateMemory, host: Pick<Host, 'after'>, now: () => number, quietly: (tell: () => void) => void) {
    this.memory = memory;
    this.host = host;
    this.now = now;
    this.quietly = quietly;
  }

  /** What there is, also where it is not shown by itself. */
  get available(): UpdateOffer | undefined {
    const { offer, choice } = this.memory.record;
    if (offer === undefined || offer.state.status === 'stopped') return undefined;
    return asChosen(offer, choice, this.now());
  }

  add(listener: Listener): void {
    this.listeners.push(listener);
    this.quietly(() => listener(this.due()));
  }

  /** Something may have changed: tells it, and sets the clock for the reminder. */
  refresh(): void {
    this.reminder();
    const offer = this.available;
    if (offer?.state.status === 'declined' && offer.state.remindAt > this.now()) {
      const wait = Math.min(offer.state.remindAt - this.now() + 1, longestTimer);
      this.reminder = this.host.after(wait, () => this.refresh());
    }
    const due = this.due();
    const shown = JSON.stringify(due);
    if (shown === this.shown) return;
    this.shown = shown;
    for (const listener of this.listeners) this.quietly(() => listener(due));
  }

  close(): void {
    this.reminder();
  }

  private due(): UpdateOffer | undefined {
    const offer = this.available;
    return offer !== undefined && isDue(offer, this.now()) ? offer : undefined;
  }
}
