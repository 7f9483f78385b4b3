import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** From a minute and more to ten seconds, in their order; then whatever else starts a cloud. */
const long = [
  ...[
    'journeys/fault-matrix',
    'journeys/outward',
    'journeys/faults',
    'journeys/killed-under-load',
    'journeys/expiries',
  ],
  ...['bookings/crowd'],
  ...['journeys/sharing-offline', 'journeys/permissions', 'journeys/killed-vehicle', 'journeys/survival'],
  ...['journeys/campaigns', 'journeys/campaign-scenarios', 'journeys/sharing-operations', 'device-sdk/rotation'],
  ...['ota/kill-nine', 'journeys/vehicle-refusals', 'journeys/rotation', 'journeys/command-line', 'journeys/imports'],
  ...['journeys/telemetry', 'simulator/main', 'journeys/software-update', 'contract/repositories', 'journeys/'],
  ...['device-sdk/examples', 'ota/updates', 'device-sdk/', 'local/'],
];

/** Begins with the files that take longest, on a machine that has never timed them, too: the last ones are waited for. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = long.findIndex((name) => moduleId.includes(`/${name}`));
  return place < 0 ? long.length : place;
}
