import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import type { MovableClock } from './clock.ts';
import { jsonOf } from './gateway/json-body.ts';
import type { AwsService } from './gateway/service.ts';

const wish = z.strictObject({ aheadSeconds: z.number().min(-315_360_000).max(315_360_000) });

/**
 * The local cloud's time, for whoever holds the administrator's key; no role of the template has a grant for it.
 *
 * @example
 * curl --aws-sigv4 aws:amz:eu-central-1:clock -u "$KEY:$SECRET" http://127.0.0.1:4566/clock -d '{"aheadSeconds":3600}'
 */
export function clockService(clock: MovableClock): AwsService {
  const answer = () => ({
    status: 200,
    body: { now: new Date(clock.now()).toISOString(), aheadSeconds: clock.ahead / 1000 },
  });
  return {
    names: ['clock'],
    understand({ method, path, body }) {
      if (path !== '/clock' || (method !== 'GET' && method !== 'POST')) {
        throw new AwsError('UnknownOperationException', 404, `${method} ${path}: there are GET and POST /clock.`);
      }
      if (method === 'GET') {
        return { name: 'ReadClock', permissions: [{ action: 'clock:ReadClock', resource: '*' }], run: answer };
      }
      const { aheadSeconds } = understood(body);
      return {
        name: 'MoveClock',
        permissions: [{ action: 'clock:MoveClock', resource: '*' }],
        run() {
          clock.runAhead(aheadSeconds * 1000);
          return answer();
        },
      };
    },
  };
}

function understood(body: Buffer): z.output<typeof wish> {
  const parsed = wish.safeParse(jsonOf(body));
  if (!parsed.success) throw new AwsError('ValidationException', 400, z.prettifyError(parsed.error));
  return parsed.data;
}
