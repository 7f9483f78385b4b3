import type { HopRecord } from '#local/trace/hop-record.ts';
import type { Step } from '../journey.ts';
import { check, eventually } from '../telling.ts';

/** A command's way, from whoever gives it to the vehicle and back. */
const way: readonly HopRecord['kind'][] = [
  'api',
  'function',
  'table',
  'delivery',
  'reply',
  'rule',
  'function',
  'table',
];

export const traceSteps: readonly Step[] = [
  {
    title: 'One message is followed hop by hop, with what each took and consumed',
    async run({ operator, golf, administrator }) {
      golf.commands.handle('doors.lock', async () => undefined);
      const path = `/v1/vehicles/${golf.vehicleId}/commands`;
      const { headers } = await operator.post(path, { name: 'doors.lock' }, { prefer: 'wait=20' });
      const requestId = headers.get('x-request-id') ?? '';
      const [trace] = await eventually(
        `a way over ${way.join(', ')}`,
        () => administrator.traces(requestId),
        ([found]) => found?.hops.every(({ outcome }) => outcome !== 'under way') === true && follows(found.hops),
      );
      const units = trace?.hops.flatMap(({ units }) => Object.values(units)) ?? [];
      check(units.length > 3 && units.every((count) => count > 0), 'what each hop consumed', trace?.hops);
      check(trace?.hops.every(({ took }) => took >= 0) === true, 'what each hop took', trace?.hops);
    },
  },
];

/** Whether the hops come in this order, whatever is in between. */
function follows(hops: readonly HopRecord[]): boolean {
  let next = 0;
  for (const { kind } of hops) if (kind === way[next]) next += 1;
  return next === way.length;
}
