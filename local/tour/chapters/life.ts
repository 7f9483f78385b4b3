import type { Step } from '../journey.ts';
import { at, check, eventually } from '../telling.ts';

export const lifeSteps: readonly Step[] = [
  {
    title: 'A suspended vehicle is cut off, and comes back when it is let in again',
    async run({ operator, golf }) {
      const vehicle = `/v1/vehicles/${golf.vehicleId}`;
      const suspended = await operator.post(`${vehicle}/suspend`, undefined);
      check(suspended.status === 200 && at(suspended.body, 'status') === 'suspended', 'a suspended vehicle', suspended);
      await eventually(
        'the vehicle offline',
        () => golf.presence.status,
        (status) => status === 'offline',
      );
      const order = await operator.post(`${vehicle}/commands`, { name: 'doors.unlock' });
      check(order.status === 409, 'no command for it', order);
      const back = await operator.post(`${vehicle}/reactivate`, undefined);
      check(back.status === 200 && at(back.body, 'status') === 'active', 'an active vehicle', back);
      await eventually(
        'the vehicle online',
        () => golf.presence.status,
        (status) => status === 'online',
        20_000,
      );
    },
  },
  {
    title: 'A retired vehicle is cut off for good',
    async run({ operator, golf }) {
      const vehicle = `/v1/vehicles/${golf.vehicleId}`;
      const retired = await operator.post(`${vehicle}/retire`, undefined);
      check(retired.status === 200 && at(retired.body, 'status') === 'retired', 'a retired vehicle', retired);
      await eventually(
        'the vehicle offline',
        () => golf.presence.status,
        (status) => status === 'offline',
      );
      const back = await operator.post(`${vehicle}/reactivate`, undefined);
      check(back.status === 409, 'no way back', back);
    },
  },
];
