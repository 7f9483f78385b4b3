import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { expect, test } from 'vitest';
import { ShadowTwinRepository } from '#functions/adapters/aws-iot/shadow-twins.ts';
import { aVehicleId } from '../../contract/samples.ts';

test('settings that are nested beyond measure are not acceptable, and nobody is asked', async () => {
  const twins = new ShadowTwinRepository(
    new IoTDataPlaneClient({ region: 'eu-central-1', endpoint: 'http://[::1]:1' }),
  );
  const patch = JSON.parse(`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
  await expect(twins.patchDesired(aVehicleId(), 'comfort', patch)).rejects.toMatchObject({
    kind: 'invalid',
    code: 'twin-not-acceptable',
  });
});
