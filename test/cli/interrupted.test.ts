import { expect, test } from 'vitest';
import { interruptible } from '../../cli/upload.ts';

test('Ctrl-C ends an upload with 130 and says how it goes on; one that is done is not in its way', async () => {
  const upload = interruptible(() => new Promise<never>(() => {}));
  process.emit('SIGINT');
  await expect(upload).rejects.toMatchObject({ exitCode: 130, message: expect.stringContaining('goes on') });
  expect(await interruptible(async () => 'done')).toBe('done');
  expect(process.listeners('SIGINT').some(({ name }) => name === 'interrupt')).toBe(false);
});
