import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Collection } from '#local/state/collection.ts';

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-collection-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'kept.jsonl');
}

test('what is purged is out of the file at once, with all that it was before; the rest stays, and goes on', () => {
  const file = place();
  const kept = new Collection<string>(file);
  kept.set('one', 'first secret');
  kept.set('one', 'second secret');
  kept.set('two', 'to stay');
  kept.set('three', 'third secret');
  expect(kept.purge('one', 'three', 'unknown')).toBe(true);
  const text = readFileSync(file, 'utf8');
  expect(text).not.toMatch(/secret|one|three/);
  expect(kept.purge('one')).toBe(false);
  kept.set('four', 'after it');
  kept.close();
  const again = new Collection<string>(file);
  expect([...again.entries()]).toEqual([
    ['two', 'to stay'],
    ['four', 'after it'],
  ]);
  again.close();
});
