import type { Step } from '../journey.ts';
import { at, check } from '../telling.ts';
import { peugeot } from './vehicles.ts';

export const commandSteps: readonly Step[] = [
  {
    title: 'The vehicle obeys, once, and the caller hears of it',
    async run({ operator, golf }) {
      let locked = 0;
      golf.commands.handle('doors.lock', async () => {
        locked += 1;
        return undefined;
      });
      const path = `/v1/vehicles/${golf.vehicleId}/commands`;
      const order = { name: 'doors.lock' };
      const headers = { prefer: 'wait=20', 'idempotency-key': 'tour-lock' };
      const first = await operator.post(path, order, headers);
      check(first.status === 200 && at(first.body, 'status') === 'succeeded', 'a command that succeeded', first);
      const again = await operator.post(path, order, headers);
      const same = at(again.body, 'commandId') === at(first.body, 'commandId');
      check(same && locked === 1, 'the same command for the same key, carried out once', { again, locked });
    },
  },
  {
    title: 'What the vehicle does not want to do, it refuses with a reason',
    async run({ operator, golf }) {
      const path = `/v1/vehicles/${golf.vehicleId}/commands`;
      const { status, body } = await operator.post(path, { name: 'charge.start' }, { prefer: 'wait=20' });
      check(status === 200 && at(body, 'status') === 'rejected', 'a rejected command', { status, body });
    },
  },
  {
    title: 'A vehicle that is not there gets no commands',
    async run(journey) {
      const vehicleId = await journey.registered(peugeot);
      const { status, body } = await journey.operator.post(`/v1/vehicles/${vehicleId}/commands`, {
        name: 'doors.unlock',
      });
      check(status === 409, 'a 409 problem', { status, body });
    },
  },
];
