import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { BadPacket, PacketReader } from '#local/iot/broker/packet-reader.ts';

const connect = generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clientId: 'c', clean: true });

function openReader(): { readonly reader: PacketReader; readonly packets: Packet[]; push(bytes: Buffer): void } {
  const reader = new PacketReader();
  const packets: Packet[] = [];
  const push = (bytes: Buffer) => reader.push(bytes, (packet) => void packets.push(packet));
  push(connect);
  packets.length = 0;
  return { reader, packets, push };
}

describe('the packet reader', () => {
  test('finds the same packets however the bytes are cut', () => {
    const message = fc.record({
      topic: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }),
      payload: fc.uint8Array(),
    });
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(400), { maxLength: 8 }),
        (messages, cuts) => {
          const { packets, push } = openReader();
          const bytes = Buffer.concat(
            messages.map(({ topic, payload }) =>
              generate(
                { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 0, dup: false, retain: false },
                { protocolVersion: 5 },
              ),
            ),
          );
          const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
          let start = 0;
          for (const end of ends) {
            push(bytes.subarray(start, end));
            start = end;
          }
          expect(packets.map((packet) => packet.cmd === 'publish' && packet.topic)).toEqual(
            messages.map(({ topic }) => topic),
          );
        },
      ),
    );
  });

  test('answers any bytes with packets or BadPacket, and nothing else', () => {
    const frame = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 60 }))
      .map(([head, body]) => Buffer.from([head, body.length, ...body]));
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), fc.boolean(), (frames, afterConnect) => {
        const reader = afterConnect ? openReader().reader : new PacketReader();
        try {
          for (const bytes of frames) reader.push(bytes, () => undefined);
        } catch (error) {
          expect(error).toBeInstanceOf(BadPacket);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('answers a damaged packet with packets or BadPacket', () => {
    const whole = generate(
      {
        cmd: 'publish',
        topic: 'a/b',
        payload: 'x',
        qos: 1,
        messageId: 1,
        dup: false,
        retain: false,
        properties: {
          messageExpiryInterval: 5,
          correlationData: Buffer.from('c'),
          userProperties: { a: ['b', 'c'] },
          contentType: 't',
        },
      },
      { protocolVersion: 5 },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(whole);
        for (const [index, value] of changes) bytes[index] = value;
        try {
          openReader().push(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(BadPacket);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
