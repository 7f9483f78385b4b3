import * as z from 'zod';
import { moment } from './moment.ts';

/** A vehicle as the API shows it, as far as its home goes. */
export const atHome = z.looseObject({
  vehicleId: z.string(),
  home: z.looseObject({ name: z.string(), epoch: z.number() }).optional(),
  move: z
    .looseObject({
      step: z.string(),
      to: z.string().optional(),
      from: z.string().optional(),
      since: z.string(),
      deadline: z.string().optional(),
      reason: z.string().optional(),
      code: z.string().optional(),
    })
    .optional(),
  lastMove: z
    .looseObject({ to: z.string(), at: z.string(), reason: z.string(), code: z.string().optional() })
    .optional(),
});
export type AtHome = z.infer<typeof atHome>;

/** Where it is at home, and what comes of its move, in one line. */
export function told({ vehicleId, home, move, lastMove }: AtHome): string {
  const place = `${vehicleId} is at home in ${home?.name ?? 'first'}`;
  if (move !== undefined) {
    const way = wayOf(move);
    const until = move.deadline === undefined ? '' : `, until ${moment(move.deadline)} at the latest`;
    return `${place}; ${move.step}: ${way}${because(move)}${until}.`;
  }
  if (lastMove === undefined) return `${place}.`;
  return `${place}; it did not move to ${lastMove.to}${because(lastMove)}, ${moment(lastMove.at)}.`;
}

function wayOf({ step, from, to }: NonNullable<AtHome['move']>): string {
  if (to === undefined) return `came from ${from}`;
  return step === 'returning' ? `it does not go to ${to}` : `to ${to}`;
}

function because({
  reason,
  code,
}: {
  readonly reason?: string | undefined;
  readonly code?: string | undefined;
}): string {
  if (reason === undefined) return '';
  return ` (${code === undefined ? reason : `${reason}: ${code}`})`;
}
