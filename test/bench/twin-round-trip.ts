import type { CloudFile } from '#local/cloud-file.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { at } from '#local/tour/telling.ts';
import { type Figure, percentile, rounded } from './figure.ts';

const rounds = 300;
const warmUp = 50;

/**
 * From the request that changes a wish until the API shows that the vehicle has made it true: API, shadow,
 * MQTT, the device SDK and all the way back. The vehicles are the simulated ones, idle, and this one is in AWS: how a
 * hub compares with it, `device-clouds` measures.
 */
export async function twinRoundTrip(cloud: CloudFile): Promise<Figure[]> {
  const operator = new ApiClient(cloud, 'operator');
  const { body } = await operator.get('/v1/vehicles?status=active&brand=volkswagen&limit=1');
  const path = `/v1/vehicles/${at(body, 'items', 0, 'vehicleId')}/twins/bench`;
  const samples: number[] = [];
  for (let round = 0; round < warmUp + rounds; round += 1) {
    const begun = performance.now();
    const patched = await operator.patch(path, { desired: { round } });
    if (patched.status !== 200) throw new Error(`PATCH answered ${patched.status} ${JSON.stringify(patched.body)}`);
    for (;;) {
      const { body: twin } = await operator.get(path);
      if (at(twin, 'reported', 'round') === round) break;
    }
    if (round >= warmUp) samples.push(performance.now() - begun);
  }
  return [
    { name: 'twin-round-trip-median', value: rounded(percentile(samples, 0.5)), unit: 'ms', limit: 30 },
    { name: 'twin-round-trip-p99', value: rounded(percentile(samples, 0.99)), unit: 'ms', limit: 150 },
  ];
}
