import type { Caller } from '../../access/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Claimant } from '../bookings/booking-service.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { ReservationId } from '../sharing-id.ts';
import { endOfHour, mostPinsAnHour, type VehicleCard } from './card.ts';
import type { Allowance, CareBook } from './care-book.ts';
import { cardAskedTooOften, cardNotFound, cardOnlyInTrip } from './care-refusals.ts';
import type { CareUses } from './care-use.ts';

export interface CardPorts {
  readonly cards: CareBook<VehicleCard>;
  readonly pins: PinSafe;
  readonly allowance: Allowance;
  readonly uses: Pick<CareUses, 'require'>;
  readonly door: Pick<SharingDoor, 'vehicle'>;
  readonly clock: Clock;
}

/** Seals what only the driver of this vehicle may read. */
export interface PinSafe {
  seal(vehicleId: string, pin: string): Promise<string>;
  open(vehicleId: string, sealed: string): Promise<string>;
}

export type CardOrder = Pick<VehicleCard, 'type' | 'provider' | 'lastFour'> & { readonly pin?: string };

export interface ShownCard {
  readonly card: VehicleCard;
  readonly pin?: string;
}

/** Never over for a card that is in a vehicle. */
const always = 253_402_300_799_000;

/** Charge and fuel cards: set by the operator, who never sees a PIN again; shown to who drives, and to nobody else. */
export class CardService {
  readonly #ports: CardPorts;

  constructor(ports: CardPorts) {
    this.#ports = ports;
  }

  async set(caller: Caller, vehicleId: string, { pin, ...content }: CardOrder): Promise<VehicleCard> {
    const { door, cards, pins } = this.#ports;
    const { operatorId } = await door.vehicle(caller, vehicleId);
    const sealed = pin === undefined ? {} : { sealedPin: await pins.seal(vehicleId, pin) };
    return untilSaved(async () => {
      const seen = await cards.load(vehicleId);
      const version = (seen?.version ?? 0) + 1;
      const card: VehicleCard = { vehicleId, operatorId, ...content, ...sealed, forgetAt: always, version };
      return (await cards.save(card, seen)) ? card : undefined;
    });
  }

  async get(caller: Caller, vehicleId: string): Promise<VehicleCard> {
    const { operatorId } = await this.#ports.door.vehicle(caller, vehicleId);
    return this.#there(vehicleId, operatorId);
  }

  /** Again it changes nothing. */
  async remove(caller: Caller, vehicleId: string): Promise<void> {
    const { cards, clock, door } = this.#ports;
    await door.vehicle(caller, vehicleId);
    await untilSaved(async () => {
      const seen = await cards.load(vehicleId);
      if (seen === undefined) return true;
      const { sealedPin: _, ...rest } = seen;
      const gone = { ...rest, lastFour: '', forgetAt: clock.now(), version: seen.version + 1 };
      return (await cards.save(gone, seen)) || undefined;
    });
  }

  /** @throws Failure `card-only-in-trip`, `card-not-found`, `card-asked-too-often` */
  async show(claimant: Claimant, reservationId: ReservationId): Promise<ShownCard> {
    const { uses, pins, allowance, clock } = this.#ports;
    const use = await uses.require(claimant, reservationId);
    if (use.state.status !== 'running') throw cardOnlyInTrip();
    const card = await this.#there(use.vehicleId, use.operatorId);
    if (card.sealedPin === undefined) return { card };
    const now = clock.now();
    const until = endOfHour(now);
    if (!(await allowance.take(`pin#${reservationId}`, mostPinsAnHour, until))) {
      throw cardAskedTooOften(Math.ceil((until - now) / 1000));
    }
    return { card, pin: await pins.open(use.vehicleId, card.sealedPin) };
  }

  async #there(vehicleId: string, operatorId: string): Promise<VehicleCard> {
    const card = await this.#ports.cards.load(vehicleId);
    if (card === undefined || card.operatorId !== operatorId || card.forgetAt <= this.#ports.clock.now()) {
      throw cardNotFound();
    }
    return card;
  }
}
