import { expect, test } from 'vitest';
import { changeIdOf } from '#functions/adapters/dynamo/stream-image.ts';

test('a change is named by its stream record, which no other table or shard repeats', () => {
  const one = { eventID: 'c4ca4238a0b923820dcc509a6f75849b', dynamodb: { SequenceNumber: '100' } };
  const other = { eventID: 'c81e728d9d4c2f636f067f89cc14862c', dynamodb: { SequenceNumber: '100' } };
  expect(changeIdOf(one)).toBe(one.eventID);
  expect(changeIdOf(one)).not.toBe(changeIdOf(other));
});

test('a record without a name is a fault that is seen: subscribers would take all of them for one', () => {
  expect(() => changeIdOf({ dynamodb: { SequenceNumber: '100' } })).toThrow('eventID');
});
