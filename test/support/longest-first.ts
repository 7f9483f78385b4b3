import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest ones, and whatever starts a cloud: begun last, they would be waited for by one worker alone. */
const long = [/\/journeys\/fault/, /\/crowd\.test/, /\/journeys\/killed/, /\/journeys\//];

/** Begins with the files that take longest, on a machine that has never timed them, too. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = long.findIndex((pattern) => pattern.test(moduleId));
  return place < 0 ? long.length : place;
}
