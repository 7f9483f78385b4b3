import { randomInt, randomUUID } from 'node:crypto';
import { at, problem } from '#local/tour/telling.ts';
import { expiryGuard } from '#shared/sharing/bookings/booked-vehicle.ts';
import { judge } from './bookings/judge.ts';
import { HistoryRecorder } from './bookings/recorder.ts';
import { sampleOperator } from './sharing-city.ts';
import type { SharingDriver } from './sharing-driver.ts';
import type { StoryTime } from './story-time.ts';

const operator = sampleOperator.operatorId;
/** How often each of them tries. */
const rounds = 2;

/** Persons who all want the same few cars, and what a checker says that reads nothing but what they were answered. */
export async function crowded(persons: readonly SharingDriver[], cars: readonly string[], time: StoryTime) {
  const history = new HistoryRecorder({ guard: expiryGuard, skew: 0, complete: false, settled: false });
  const refusals = new Set<string>();
  let held = 0;
  const clock = () => time.now();

  const hold = async (driver: SharingDriver, person: string, car: string, key: string) => {
    const asked = { client: person, operation: 'hold', car, person, operator, key } as const;
    await history.during(asked, clock, async () => {
      const answer = await driver.hold(car, { 'idempotency-key': key });
      const { status, body } = answer;
      if (status >= 300) {
        refusals.add(problem(answer));
        return status === 503 ? { outcome: 'unknown' } : { outcome: 'refused', reason: problem(answer) };
      }
      if (status === 201) held += 1;
      return { outcome: 'done', reservation: String(at(body, 'reservationId')) };
    });
  };
  const cancel = async (driver: SharingDriver, person: string, car: string) => {
    const reservation = driver.reservationId;
    const asked = { client: person, operation: 'cancel', car, person, operator, reservation } as const;
    await history.during(asked, clock, async () => {
      const answer = await driver.asks('cancel');
      return answer.status === 200 ? { outcome: 'done', reservation } : { outcome: 'unknown' };
    });
  };

  await Promise.all(
    persons.map(async (driver, place) => {
      const person = `person-${place}`;
      for (let round = 0; round < rounds; round += 1) {
        const [car = ''] = [cars[randomInt(cars.length)]];
        const key = randomUUID();
        driver.reservationId = '';
        // The app asks again before it has its answer.
        await Promise.all([hold(driver, person, car, key), hold(driver, person, car, key)]);
        if (driver.reservationId !== '') await cancel(driver, person, car);
      }
    }),
  );
  return { findings: judge(history.history()), refusals, held };
}
