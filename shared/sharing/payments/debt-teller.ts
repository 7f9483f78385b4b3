import { untilSaved } from '../../kernel/optimistic.ts';
import type { BookingRepository } from '../bookings/booking-repository.ts';
import type { Driver } from '../bookings/driver.ts';
import type { OperatorId, Payable } from '../sharing-id.ts';
import type { OpenDebt } from './payments.ts';

/**
 * Makes the driver's item say what is owed for one thing. The driver is read before what is owed, and written even where
 * nothing changes: so who tells an older story finds another version, and looks again.
 *
 * @param present reads what is owed for it by now
 */
export async function tellDebt(
  bookings: Pick<BookingRepository, 'driver' | 'save'>,
  { operatorId, personId, payable }: { operatorId: OperatorId; personId: string; payable: Payable },
  present: () => Promise<OpenDebt | undefined>,
): Promise<void> {
  await untilSaved(async () => {
    const driver = await bookings.driver(operatorId, personId);
    // Erased: there is nobody to hold anything.
    if (driver === undefined) return true;
    const debt = await present();
    const others = (driver.debts ?? []).filter(({ reservationId }) => reservationId !== payable);
    const nextDriver = withDebts(driver, debt === undefined ? others : [...others, debt]);
    const saved = await bookings.save({ driver: { seen: driver.version, next: nextDriver } });
    return saved || undefined;
  });
}

function withDebts(driver: Driver, debts: readonly OpenDebt[]): Driver {
  const { debts: _, debtCurrency: __, ...rest } = driver;
  const debt = debts.reduce((sum, { amount }) => sum + amount, 0);
  const [first] = debts;
  const owed = first === undefined ? { debt: 0 } : { debt, debts, debtCurrency: first.currency };
  return { ...rest, ...owed, version: driver.version + 1 };
}
