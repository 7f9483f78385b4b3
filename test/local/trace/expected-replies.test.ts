import { expect, test } from 'vitest';
import { ExpectedReplies } from '#local/trace/expected-replies.ts';
import { car, otherCar } from './samples.ts';

const topic = `vehicles/${car}/replies`;
const nothing = Buffer.alloc(0);
const bytes = (text: string) => Buffer.from(text);

function expecting(...correlations: readonly (string | undefined)[]): ExpectedReplies {
  const replies = new ExpectedReplies();
  for (const text of correlations) {
    const correlation = text === undefined ? undefined : bytes(text);
    replies.expect({ topic, clientId: car, correlation, header: `header of ${text}` }, 0);
  }
  return replies;
}

test('an answer is known by its correlation data', () => {
  const replies = expecting('one', 'two');
  const answer = { topic, clientId: car, correlation: bytes('two'), payload: nothing };
  expect(replies.take(answer, 1)).toEqual(['header of two']);
  expect(replies.take(answer, 1)).toEqual([]);
});

test('an answer without correlation data is known by the payload that repeats it', () => {
  const answer = { topic, clientId: car, correlation: undefined, payload: bytes('{"commandId":"two"}') };
  expect(expecting('one', 'two').take(answer, 1)).toEqual(['header of two']);
});

test('a report answers every difference before it', () => {
  const answer = { topic, clientId: car, correlation: undefined, payload: nothing };
  expect(expecting(undefined, undefined).take(answer, 1)).toHaveLength(2);
});

test('neither another client nor a latecomer answers', () => {
  const answer = { topic, clientId: car, correlation: bytes('one'), payload: nothing };
  expect(expecting('one').take({ ...answer, clientId: otherCar }, 1)).toEqual([]);
  expect(expecting('one').take({ ...answer, topic: 'other' }, 1)).toEqual([]);
  expect(expecting('one').take(answer, 3_600_000)).toEqual([]);
});

test('what nobody answers is forgotten in the end', () => {
  const replies = new ExpectedReplies();
  for (let number = 0; number < 5000; number += 1) {
    replies.expect({ topic: `t/${number}`, clientId: car, correlation: undefined, header: 'h' }, 0);
  }
  const answer = { clientId: car, correlation: undefined, payload: nothing };
  expect(replies.take({ ...answer, topic: 't/0' }, 1)).toEqual([]);
  expect(replies.take({ ...answer, topic: 't/4999' }, 1)).toEqual(['h']);
});
