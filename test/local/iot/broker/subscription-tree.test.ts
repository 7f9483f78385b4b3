import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SubscriptionTree } from '#local/iot/broker/subscription-tree.ts';
import { parseFilter, type TopicFilter } from '#local/iot/broker/topic-name.ts';

function filterOf(text: string): TopicFilter {
  const filter = parseFilter(text);
  if ('fault' in filter) throw new Error(`${text}: ${filter.fault}`);
  return filter;
}

/** AWS IoT's rules once more, for one filter and one topic. */
function matchesByRule(filter: string, topic: string): boolean {
  const [wanted, given] = [filter.split('/'), topic.split('/')];
  if (topic.startsWith('$') && (wanted[0] === '+' || wanted[0] === '#')) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return index < given.length;
    if (index >= given.length || (level !== '+' && level !== given[index])) return false;
  }
  return wanted.length === given.length;
}

const level = fc.constantFrom('a', 'b', '', '$x');
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.boolean())
  .map(([levels, rest]) => [...levels, ...(rest ? ['#'] : [])].join('/'))
  .filter((text) => text !== '');

test('a topic finds exactly the filters that match it, before and after others are removed', () => {
  fc.assert(
    fc.property(fc.uniqueArray(filter, { maxLength: 8 }), fc.nat(8), topic, (filters, removed, asked) => {
      const tree = new SubscriptionTree<string, number>();
      for (const text of filters) tree.add(filterOf(text), text, 1);
      const gone = filters.slice(0, removed);
      for (const text of gone) tree.remove(filterOf(text), text);

      const found = tree.match(asked).direct.map(([holder]) => holder);

      const expected = filters.filter((text) => !gone.includes(text) && matchesByRule(text, asked));
      expect(found.sort()).toEqual(expected.sort());
    }),
    { numRuns: 2000 },
  );
});

test('each share of a filter is found once, with its members', () => {
  const tree = new SubscriptionTree<string, number>();
  tree.add(filterOf('$share/g/a/+'), 'one', 1);
  tree.add(filterOf('$share/g/a/+'), 'two', 1);
  tree.add(filterOf('$share/h/a/#'), 'three', 1);
  tree.add(filterOf('a/b'), 'direct', 1);

  const { direct, shares } = tree.match('a/b');

  expect(direct.map(([holder]) => holder)).toEqual(['direct']);
  expect(shares.map((members) => [...members.keys()])).toEqual([['one', 'two'], ['three']]);
});
