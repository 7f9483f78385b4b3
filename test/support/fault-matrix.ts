import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultSeed, toldCells } from './fault-cells.ts';
import { FaultScene } from './fault-scene.ts';
import { type JourneyCloud, openCloud, startTimeout } from './journey-cloud.ts';

/** One share of the matrix, on a cloud of its own: files are what runs side by side. */
export function faultMatrix(share: number, shares: number): void {
  const mine = toldCells().filter((_, index) => index % shares === share - 1);

  describe(`the story told under faults, FAULT_SEED=${faultSeed}`, () => {
    let home: JourneyCloud;
    let scene: FaultScene;

    beforeAll(async () => {
      home = await openCloud();
      scene = new FaultScene(home);
    }, startTimeout);
    afterAll(() => home.close());

    for (const cell of mine) test(`${cell.name}: the books are right`, { timeout: 120_000 }, () => scene.tell(cell));

    test('and they are still right at the end', { timeout: 120_000 }, async () => {
      expect(await scene.afterwards()).toEqual([]);
    });

    test('most cells disturbed something', () => {
      const struck = [...scene.disturbed.values()].filter((count) => count > 0);
      expect(struck.length).toBeGreaterThanOrEqual(Math.floor(scene.disturbed.size / 3));
    });
  });
}
