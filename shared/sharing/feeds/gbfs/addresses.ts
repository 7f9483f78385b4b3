import type { SystemId } from '../../sharing-id.ts';
import { type FeedName, gbfsVersion } from './feed-file.ts';

/** Where public files are, below the address of the feeds. */
export function pathOf(systemId: SystemId, name: FeedName): string {
  return `gbfs/${systemId}/${gbfsVersion}/${name}.json`;
}

/** Names every system of the deployment. */
export const manifestPath = 'gbfs/manifest.json';
