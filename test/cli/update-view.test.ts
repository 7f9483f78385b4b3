import { expect, test } from 'vitest';
import { told, update } from '../../cli/update-view.ts';

const at = '2026-11-22T08:00:00.000Z';

function shown(attempt: number, ...happenings: readonly string[]): string {
  const story = happenings.map((what) => ({ at, what }));
  const its = { campaignId: 'cmp-1', releaseId: 'rel-1', softwareVersion: '2', changedAt: at };
  return told(update.parse({ ...its, status: 'installed', attempt, story }))[0] ?? '';
}

test('which attempt it is, is said where one before it has failed, and not where a consent was taken back', () => {
  expect(shown(2, 'accepted', 'failed', 'retried', 'installed')).toContain('installed, attempt 2');
  expect(shown(2, 'accepted', 'declined', 'accepted', 'installed')).not.toContain('attempt');
  expect(shown(1, 'accepted', 'installed')).not.toContain('attempt');
});
