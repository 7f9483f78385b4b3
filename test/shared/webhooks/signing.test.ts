import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { secretText, signatureHeaders } from '#shared/webhooks/signing.ts';
import { newWebhook, rotated, secretOverlap, signingGenerations } from '#shared/webhooks/webhook.ts';
import { webhookIdOf } from '#shared/webhooks/webhook-id.ts';

const mac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest();
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330_000, body: '{"test": 2432232314}' };
const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');

test('a message is signed as Standard Webhooks signs its own example', () => {
  expect(signatureHeaders(message, [secret], mac)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
  expect(secretText(secret)).toBe('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
});

test('a message that is sent again later has another signature: nobody can send it for us', () => {
  const later = { ...message, at: message.at + 1000 };
  const [one, other] = [message, later].map((each) => signatureHeaders(each, [secret], mac)['webhook-signature']);
  expect(other).not.toBe(one);
});

test('during a rotation both secrets sign, afterwards the new one alone, and never one of two rotations ago', () => {
  const at = message.at;
  const order = { url: 'https://partner.example/hook', types: ['vehicle.retired'] } as const;
  const first = newWebhook(webhookIdOf('a'.repeat(20)), 'client', order, at);
  expect(signingGenerations(first, at)).toEqual([1]);
  const second = rotated(first, 'o-1', at);
  expect(signingGenerations(second, at + secretOverlap - 1)).toEqual([2, 1]);
  expect(signingGenerations(second, at + secretOverlap)).toEqual([2]);
  expect(signingGenerations(rotated(second, 'o-2', at + 1), at + 2)).toEqual([3, 2]);
  // One that broke off, and is carried out again.
  expect(signingGenerations(rotated(second, 'o-1', at + 1), at + 2)).toEqual([2, 1]);
  const both = signatureHeaders(message, [Buffer.alloc(32, 7), secret], mac)['webhook-signature'].split(' ');
  expect(both[1]).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});
