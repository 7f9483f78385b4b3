import { expect, test } from 'vitest';
import { readAssembly } from '#local/template/assembly.ts';
import { typesIn, unknownTypes } from '#local/template/inventory.ts';
import { writeAssembly } from './written-assembly.ts';

const assembly = () =>
  readAssembly(
    writeAssembly({
      One: { template: { Resources: { A: { Type: 'T::A' }, B: { Type: 'T::B' } } } },
      Two: { template: { Resources: { A: { Type: 'T::A' }, C: { Type: 'T::C' } } } },
    }),
  );

test('the inventory names every type with every place where it stands', () => {
  expect(typesIn(assembly())).toEqual(
    new Map([
      ['T::A', ['One/A', 'Two/A']],
      ['T::B', ['One/B']],
      ['T::C', ['Two/C']],
    ]),
  );
});

test('a type is unknown when it is neither handled nor ignored', () => {
  const unknown = unknownTypes(assembly(), new Set(['T::A']), new Set(['T::B']));
  expect(unknown).toEqual(new Map([['T::C', ['Two/C']]]));
});
