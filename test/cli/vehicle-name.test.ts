import { expect, test } from 'vitest';
import { Api } from '../../cli/api.ts';
import { vehicleIdOf } from '../../cli/vehicle-name.ts';

const nowhere = 'http://127.0.0.1:1';
const api = new Api({
  name: 'nowhere',
  apiUrl: nowhere,
  tokenUrl: nowhere,
  clientId: 'operator',
  clientSecret: 'secret',
});

test('an id is taken as it is', async () => {
  await expect(vehicleIdOf(api, 'veh-k3vq7n2mzt5ahx6cwp4r')).resolves.toBe('veh-k3vq7n2mzt5ahx6cwp4r');
});

test.each(['veh-x', 'veh-k3vq7n2mzt5ahx6cwp4', 'veh-../first', 'wvwzzze1zmp000001', ''])(
  '%j names no vehicle, and nobody is asked',
  async (name) => {
    await expect(vehicleIdOf(api, name)).rejects.toThrow('is neither');
  },
);
