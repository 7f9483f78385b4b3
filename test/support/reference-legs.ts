import type { Answer, Booking } from './reference-answers.ts';
import { legOperations, possible, refusal } from './reference-answers.ts';

interface Books {
  start(booking: Booking): void;
  end(booking: Booking): void;
  seen(booking: Booking): Answer;
}

const leadsTo: Readonly<Record<string, Booking['leg']>> = {
  start: 'IN_USE',
  pause: 'PAUSED',
  resume: 'IN_USE',
  end: 'ENDED',
};

/** What is asked of an asset it does at once: it hangs on the line all the time. Asked again it stays as it is. */
export function operated(books: Books, booking: Booking, operation: string, timestamp: unknown, now: number): Answer {
  const to = leadsTo[operation];
  if (to === undefined) {
    const known = legOperations.join(', ');
    return refusal(404, 'leg-operation-unknown', `No leg can be told to ${operation}.`, `There are ${known}.`);
  }
  if (typeof timestamp === 'string' && Date.parse(timestamp) > now + 60_000) {
    return refusal(400, 'timestamp-not-possible', 'It lies in the future.');
  }
  if (booking.leg === to) return books.seen(booking);
  const next = possible(booking, false);
  if (!next.includes(`${operation}-leg`)) {
    return refusal(409, 'leg-operation-not-possible', `The leg is ${booking.leg}.`, `Possible: ${next.join(', ')}.`);
  }
  if (operation === 'start') books.start(booking);
  else if (operation === 'end') books.end(booking);
  else booking.leg = to;
  return books.seen(booking);
}
