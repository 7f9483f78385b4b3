import * as z from 'zod/mini';
import type { Hindrance, Move, Stayed, VehicleHome } from '#shared/registry/home.ts';
import { as, instant, isoTime } from '../schemas.ts';

const hindrances = ['called-back', 'timed-out', 'shut-out', 'refused'] as const satisfies Hindrance['reason'][];
const steps = [
  ...['asked', 'prepared', 'told', 'returning', 'arrived', 'settled', 'cleared'],
] as const satisfies Move['step'][];

const name = z.string();
const reason = as(z.enum(hindrances), {
  description:
    '`called-back`: somebody has taken it back; `timed-out`: the vehicle was not online in time; `shut-out`: it was suspended or retired; `refused`: the other device cloud cannot keep what is desired of it',
});
const code = as(z.string(), { description: 'Of the problem, where it was refused' });

export const homeSchema = as(z.object({ name, epoch: z.int() }), {
  description: 'Its device cloud, and how often it has changed it; absent while it has always been in the first one',
});

export const moveSchema = as(
  z.object({
    step: as(z.enum(steps), {
      description:
        '`asked`, `prepared` (known there), `told` (goes when it is online and nobody is disturbed); `arrived`, `settled` and `cleared` (nothing comes to the former one any more) once it is at home there; `returning`: it stays',
    }),
    to: z.exactOptional(as(name, { description: 'Until it has arrived' })),
    from: z.exactOptional(as(name, { description: 'Once it has arrived' })),
    since: instant('Of the step, from the arrival on; of the move before'),
    deadline: z.exactOptional(instant('If it has not arrived by then it stays')),
    reason: z.exactOptional(reason),
    code: z.exactOptional(code),
  }),
  { description: 'Absent unless it is on its way to another device cloud' },
);

export const lastMoveSchema = as(z.object({ to: name, at: instant(), reason, code: z.exactOptional(code) }), {
  description: 'The last move, where it came to nothing',
});

export function homeViewOf(home: VehicleHome) {
  const { name: at, epoch, move, stayed } = home;
  return {
    home: { name: at, epoch },
    ...(move !== undefined && { move: moveViewOf(move) }),
    ...(stayed !== undefined && { lastMove: lastMoveViewOf(stayed) }),
  };
}

function moveViewOf(move: Move): z.infer<typeof moveSchema> {
  const { step } = move;
  if ('from' in move) return { step, from: move.from.name, since: isoTime(move.at) };
  const way = { step, to: move.to.name, since: isoTime(move.since) };
  return 'deadline' in move ? { ...way, deadline: isoTime(move.deadline) } : { ...way, ...move.why };
}

function lastMoveViewOf({ to, at, why }: Stayed): z.infer<typeof lastMoveSchema> {
  return { to, at: isoTime(at), ...why };
}
