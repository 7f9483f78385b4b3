import type { Step } from '../journey.ts';
import { at, check, eventually } from '../telling.ts';

export const twinSteps: readonly Step[] = [
  {
    title: 'A wish of the API reaches the vehicle, and its truth comes back',
    async run({ operator, golf }) {
      const path = `/v1/vehicles/${golf.vehicleId}/twins/climate`;
      golf.twin('climate').onDesired(async (desired) => desired);
      const patched = await operator.patch(path, { desired: { targetTemperature: 21 } });
      check(patched.status === 200, '200', patched);
      const { headers } = await eventually(
        'a converged twin',
        () => operator.get(path),
        ({ body }) => at(body, 'converged') === true && at(body, 'reported', 'targetTemperature') === 21,
      );
      check(headers.get('etag') === patched.headers.get('etag'), 'an ETag that stands for desired alone', [
        ...headers.entries(),
      ]);
    },
  },
  {
    title: 'Who changes what somebody else has changed meanwhile is told so',
    async run({ operator, golf }) {
      const path = `/v1/vehicles/${golf.vehicleId}/twins/climate`;
      const { headers } = await operator.get(path);
      const etag = { 'if-match': headers.get('etag') ?? '' };
      const first = await operator.patch(path, { desired: { targetTemperature: 22 } }, etag);
      check(first.status === 200, '200', first);
      const second = await operator.patch(path, { desired: { targetTemperature: 18 } }, etag);
      check(second.status === 412, '412', second);
    },
  },
];
