import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { repository } from '#local/assembly.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { check, eventually } from '#local/tour/telling.ts';

const systemId = 'we-share-berlin';

/** As people write it (docs/sharing.md); what is in it the API judges. */
const file = z.object({
  operator: z.looseObject({ operatorId: z.string() }),
  system: z.looseObject({ systemId: z.literal(systemId) }),
  plans: z.array(z.looseObject({})),
  zones: z.array(z.unknown()),
  globalRules: z.array(z.unknown()),
  fleet: z.array(z.looseObject({})),
});
const fleet = z.object({ items: z.array(z.unknown()) });
const vehicle = z.object({ vehicleId: z.string() });

/** Streets within the ring, one for each of the fleet. */
const places = [
  { latitude: 52.5004, longitude: 13.4211 },
  { latitude: 52.5291, longitude: 13.4012 },
  { latitude: 52.4895, longitude: 13.3884 },
];

/** @param baseUrl where the public reads feeds */
export function gbfsOfDemoCity(baseUrl: string): string {
  return `${baseUrl}/gbfs/${systemId}/3.0/gbfs.json`;
}

/** @param baseUrl of the API */
export function mdsOfDemoCity(baseUrl: string): string {
  return `${baseUrl}/v1/mds/${systemId}`;
}

/** A city to look at, as its operator sets it up: once, and whatever somebody makes of it stays. */
export async function demoCity(cloud: CloudFile): Promise<void> {
  const operator = new ApiClient(cloud, 'operator');
  const path = `/v1/sharing/systems/${systemId}`;
  const known = fleet.safeParse((await operator.get(`${path}/vehicles`)).body);
  if (known.success && known.data.items.length > 0) return;
  const posted = async (to: string, body: object): Promise<unknown> => {
    const answer = await operator.post(to, body);
    check(answer.status < 300, `POST ${to} to succeed`, answer);
    return answer.body;
  };
  const city = file.parse(JSON.parse(readFileSync(join(repository, 'docs', 'examples', 'berlin.json'), 'utf8')));
  await posted('/v1/sharing/operators', city.operator);
  const agencyClientIds = cloud.identity.clients.flatMap(({ name, clientId }) => (name === 'city' ? [clientId] : []));
  await posted('/v1/sharing/systems', { ...city.system, operatorId: city.operator.operatorId, agencyClientIds });
  for (const plan of city.plans) await posted(`${path}/plans`, plan);
  await posted(`${path}/zones`, { zones: city.zones, globalRules: city.globalRules });
  await Promise.all(
    city.fleet.map(async (order, index) => {
      const { vehicleId } = vehicle.parse(await posted(`${path}/vehicles`, order));
      const status = { at: new Date().toISOString(), place: places[index % places.length], charge: 82 - index };
      await posted(`/v1/sharing/vehicles/${vehicleId}/reports`, { status });
    }),
  );
  await eventually(
    'the public feeds of the city',
    () => fetch(cloud.gbfs),
    ({ status }) => status === 200,
    30_000,
  );
}
