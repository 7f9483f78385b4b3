import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cycleIn, type Dependent, inOrder } from '#shared/ota/releases/dependency-order.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const graphs = fc.array(
  fc.record({
    ecuId: fc.constantFrom(...names),
    requires: fc.array(fc.record({ ecuId: fc.constantFrom(...names, 'elsewhere') }), { maxLength: 3 }),
  }),
  { maxLength: 8 },
);

/** Slow and plain: whoever requires nothing that is left goes, until nobody can. */
function hasOrder(images: readonly Dependent[]): boolean {
  let left = [...images];
  for (;;) {
    const stays = left.filter(({ ecuId: own }) =>
      left.some(
        ({ ecuId, requires = [] }) =>
          ecuId === own && requires.some((one) => left.some((it) => it.ecuId === one.ecuId)),
      ),
    );
    if (stays.length === left.length) return left.length === 0;
    left = stays;
  }
}

test('a circle is found exactly where there is no order', () => {
  fc.assert(
    fc.property(graphs, (images) => {
      expect(cycleIn(images) === undefined).toBe(hasOrder(images));
    }),
  );
});

test('what is named as a circle is one: each requires the next, and the last is the first', () => {
  fc.assert(
    fc.property(graphs, (images) => {
      const circle = cycleIn(images);
      if (circle === undefined) return;
      expect(circle.at(-1)).toBe(circle[0]);
      expect(circle.length).toBeGreaterThan(1);
      circle.slice(1).forEach((next, index) => {
        const own = images.filter(({ ecuId }) => ecuId === circle[index]);
        expect(own.some(({ requires = [] }) => requires.some(({ ecuId }) => ecuId === next))).toBe(true);
      });
    }),
  );
});

test('an order has every image once, each behind what it requires', () => {
  fc.assert(
    fc.property(graphs, (images) => {
      fc.pre(cycleIn(images) === undefined);
      const order = inOrder(images);
      expect([...order].sort((one, other) => images.indexOf(one) - images.indexOf(other))).toEqual(images);
      order.forEach(({ requires = [] }, index) => {
        const later = order.slice(index).map(({ ecuId }) => ecuId);
        for (const { ecuId } of requires) expect(later).not.toContain(ecuId);
      });
    }),
  );
});
