import { expect, test } from 'vitest';
import { sharedAnswers } from '#functions/adapters/shared-answers.ts';

test('who asks while an answer is under way gets that one, and who asks later another', async () => {
  let asked = 0;
  const ask = sharedAnswers(async (question: string) => {
    asked += 1;
    const number = asked;
    await Promise.resolve();
    if (question === 'wrong') throw new Error('wrong');
    return `${question} ${number}`;
  });
  expect(await Promise.all([ask('one'), ask('one'), ask('two')])).toEqual(['one 1', 'one 1', 'two 2']);
  await expect(ask('wrong')).rejects.toThrow('wrong');
  expect(await ask('one')).toBe('one 4');
});
