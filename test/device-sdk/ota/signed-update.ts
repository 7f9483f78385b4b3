import type { FactoryRoots } from '#device-sdk/ota/verification/trusted-metadata.ts';
import { newKeys, repositoryFiles } from '../../support/uptane-repositories.ts';
import { campaignId, type UpdateCloud } from './update-cloud.ts';

/**
 * Two repositories that agree on the cloud's update, served as a Director and an Image repository do.
 *
 * @param issuedAt of the Director's Timestamp
 * @returns what the factory puts into a vehicle
 */
export async function signed(updates: UpdateCloud, issuedAt = Date.now()): Promise<FactoryRoots> {
  const { images, releaseId, softwareVersion, preconditions } = updates.update;
  const imageTargets = Object.fromEntries(
    images.map(({ path, length, hashes, hardwareId, releaseCounter, softwareVersion: version }) => {
      const custom = { hardwareIds: [hardwareId], releaseCounter, softwareVersion: version, releaseId };
      return [path, { length, hashes, custom }];
    }),
  );
  const directorTargets = Object.fromEntries(
    images.map(({ path, length, hashes, ecuId, hardwareId, releaseCounter, softwareVersion: version }) => {
      const custom = { ecuIdentifiers: { [ecuId]: { hardwareId } }, releaseCounter, softwareVersion: version };
      return [path, { length, hashes, custom }];
    }),
  );
  const custom = { campaignId, releaseId, softwareVersion, preconditions };
  const director = await repositoryFiles({
    ...{ keys: newKeys(), issuedAt },
    director: { targets: directorTargets, custom },
  });
  const repository = await repositoryFiles({ keys: newKeys(), images: { targets: imageTargets } });
  for (const [name, text] of repository) updates.files.files.set(`repository/${name}`, Buffer.from(text));
  const of = (files: ReadonlyMap<string, string>, name: string) => files.get(name) ?? '';
  updates.director = {
    roots: [],
    timestamp: of(director, 'timestamp.json'),
    snapshot: of(director, '1.snapshot.json'),
    targets: of(director, '1.targets.json'),
  };
  return { director: of(director, '1.root.json'), images: of(repository, '1.root.json') };
}
