import fc from 'fast-check';
import { expect, test } from 'vitest';
import { updateItemOf, updateOf } from '#functions/adapters/dynamo/update-item.ts';
import { isPersonId } from '#shared/access/person.ts';
import { concluded, progressed } from '#shared/ota/updates/course.ts';
import { decided } from '#shared/ota/updates/decision.ts';
import { course, events } from '../../shared/ota/updates/courses.ts';
import { anOffered, now, policy } from '../../shared/ota/updates/updates.ts';

const writeUnit = 1024;

/** As DynamoDB counts: names and values, three bytes a list or map and one more each of its elements. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).length / 2) + 2;
  if (typeof value !== 'object' || value === null) return 1;
  const members = Object.entries(value).map(([name, one]) => 1 + Buffer.byteLength(name) + sizeOf(one));
  return members.reduce((sum, one) => sum + one, 3);
}

test('whatever becomes of an update, its item tells it all again', () => {
  fc.assert(
    fc.property(events, (said) => {
      for (const update of course(said)) expect(updateOf(updateItemOf(update))).toEqual(update);
    }),
  );
});

test('an item of before stories were is an update without one', () => {
  expect(updateOf(updateItemOf({ ...anOffered(), story: [] })).story).toEqual([]);
});

test('however long its story, an update stays within one write unit', () => {
  const week = 7 * 24 * 3_600_000;
  let update = anOffered({ model: 'ID. Buzz Pro LWB 4MOTION', softwareVersion: '5.12.100-rc.12+eu' });
  update = { ...update, releaseId: 'rel-k3vq7n2mzt5ahx6cwp4r', priority: 1000, ownerSince: now, decidedOf: 100 };
  const personId = '7b0e3a52-91c4-4c1e-9d2f-0c3a5e8f1b6d';
  if (!isPersonId(personId)) throw new RangeError(personId);
  for (let attempt = 1; attempt < 60; attempt++) {
    const at = now + attempt * week;
    update = { ...update, state: { status: 'offered' }, over: attempt - 1 };
    const accept = { kind: 'accept', from: at, to: at + 1000 * 3600 } as const;
    const by = { by: 'owner', personId } as const;
    update = decided(update, [], { decision: accept, revision: update.revision, by }, at);
    const about = { campaignId: update.campaignId, attempt, at };
    const phase = 'falling-back' as const;
    update = progressed(update, { kind: 'progress', ...about, sequence: 1, phase, percent: 100 }, at + 5);
    const failed = {
      outcome: 'failed',
      error: 'unrecovered',
      safety: 'unsafe-to-drive',
      detail: 'x'.repeat(500),
    } as const;
    const unit = { ecuId: 'gateway-of-the-central-body-controller', attack: 'mix-and-match' };
    update = concluded(update, { kind: 'result', ...about, sequence: 2, ecus: [], ...failed, ...unit }, policy, at + 9);
    expect(sizeOf(updateItemOf(update))).toBeLessThan(writeUnit);
  }
});
