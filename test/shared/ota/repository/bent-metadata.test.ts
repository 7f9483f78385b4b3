import { expect, test } from 'vitest';
import { scopeNames } from '#shared/access/scopes.ts';
import { Failure } from '#shared/kernel/failure.ts';
import { rootRole, targetsRole } from '#shared/ota/repository/repository-state.ts';
import { signed } from '#shared/ota/uptane/signing.ts';
import { aBrand } from '../../../contract/samples.ts';
import { places, replaced, valueAt } from '../../../support/json-places.ts';
import { memoryRepository } from '../../../support/memory-repository.ts';
import { anOfflineKey, aRootPayload, signedTargets } from '../../../support/offline-keys.ts';

const now = Date.parse('2026-11-21T08:30:00Z');
const caller = { clientId: 'operator', scopes: new Set(scopeNames), brands: [aBrand()] };
const [root, targets, supplier] = [anOfflineKey(), anOfflineKey(), anOfflineKey()];

async function begun() {
  const repository = memoryRepository(now);
  const payload = aRootPayload({ root: [root], targets: [targets], online: repository.online.publicKey });
  const first = await signed(payload, [root]);
  return { ...repository, first };
}

const target = {
  length: 3,
  hashes: { sha256: 'a'.repeat(64), sha512: 'b'.repeat(128) },
  custom: { hardwareIds: ['gw'], releaseCounter: 1, softwareVersion: '1', releaseId: 'rel' },
};
const plan = {
  version: 1,
  targets: { 'volkswagen/gateway/a': target },
  delegations: [{ name: 'supplier', paths: ['volkswagen/gateway/*'], keys: [supplier] }],
};

/** Something of the same kind, something of another, and nothing. */
function bends(value: unknown): readonly unknown[] {
  const near =
    typeof value === 'number'
      ? value + 1
      : typeof value === 'string'
        ? `${value}0`
        : typeof value === 'boolean'
          ? !value
          : [];
  return [near, null, undefined];
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

test.each(['root', 'targets'] as const)(
  '%s that are bent in any one place are refused, and nothing is published',
  async (role) => {
    const { service, first, published, states, pending } = await begun();
    if (role === 'targets')
      await service.submit(caller, { repository: 'image', role: rootRole, text: first, removes: [] });
    const before = [published.size, states.get('image')?.revision];
    const text = role === 'root' ? first : await signedTargets(plan, targets);
    const file: unknown = JSON.parse(text);
    let tried = 0;
    for (const place of places(file)) {
      for (const bent of bends(valueAt(file, place))) {
        const other = replaced(file, place, bent);
        if (same(other, file)) continue;
        tried += 1;
        const submission = {
          repository: 'image' as const,
          role: role === 'root' ? rootRole : targetsRole,
          removes: [],
        };
        const outcome = service.submit(caller, { ...submission, text: JSON.stringify(other) });
        await expect(outcome, `${place.join('/')} as ${JSON.stringify(bent)}`).rejects.toBeInstanceOf(Failure);
      }
    }
    expect(tried).toBeGreaterThan(50);
    expect([published.size, states.get('image')?.revision, pending.size]).toEqual([...before, 0]);
  },
);

test('unbent they are published', async () => {
  const { service, first, published } = await begun();
  await service.submit(caller, { repository: 'image', role: rootRole, text: first, removes: [] });
  const text = await signedTargets(plan, targets);
  await service.submit(caller, { repository: 'image', role: targetsRole, text, removes: [] });
  expect([...published.keys()]).toEqual(['1.root.json', '1.targets.json', '1.snapshot.json', 'timestamp.json']);
});
