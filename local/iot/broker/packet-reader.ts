import { type Packet, type Parser, parser } from 'mqtt-packet';
import { limits } from './limits.ts';

/** The peer broke the rules of MQTT: its connection cannot go on. */
export class BadPacket extends Error {
  override readonly name = 'BadPacket';
  readonly kind: 'malformed' | 'too-large';

  constructor(kind: 'malformed' | 'too-large', message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Cuts a byte stream into packets. The codec gets one whole packet at a time: so a length is refused
 * before its bytes are kept, and no field can be read past the end of its packet.
 */
export class PacketReader {
  readonly #parser: Parser = parser();
  readonly #packetBytes: number;
  #pending: Buffer = Buffer.alloc(0);
  #outcome: { packet: Packet | undefined; error: Error | undefined } = { packet: undefined, error: undefined };

  /** @param packetBytes a longer packet is refused before it is kept */
  constructor(packetBytes: number = limits.packetBytes) {
    this.#packetBytes = packetBytes;
    this.#parser.on('packet', (packet) => {
      this.#outcome.packet = packet;
    });
    this.#parser.on('error', (error: unknown) => {
      this.#outcome.error = error instanceof Error ? error : new Error(String(error));
    });
  }

  /** Calls `take` for each packet that is complete now. Throws `BadPacket`. */
  push(chunk: Buffer, take: (packet: Packet) => void): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const end = endOfPacket(this.#pending, this.#packetBytes);
      if (end === undefined) return;
      const frame = this.#pending.subarray(0, end);
      this.#pending = this.#pending.subarray(end);
      take(this.#parse(frame));
    }
  }

  #parse(frame: Buffer): Packet {
    this.#outcome = { packet: undefined, error: undefined };
    try {
      this.#parser.parse(frame);
    } catch (error) {
      throw new BadPacket('malformed', error instanceof Error ? error.message : String(error));
    }
    const { packet, error } = this.#outcome;
    if (error !== undefined) throw new BadPacket('malformed', error.message);
    if (packet === undefined) throw new BadPacket('malformed', 'fields and length do not agree');
    refuseIllFormed(packet);
    return packet;
  }
}

/** The index after the first packet of `bytes`; undefined while it is incomplete. */
function endOfPacket(bytes: Buffer, packetBytes: number): number | undefined {
  let length = 0;
  for (let index = 1; index <= 4; index += 1) {
    const digit = bytes[index];
    if (digit === undefined) return undefined;
    length += (digit & 0x7f) * 128 ** (index - 1);
    if (digit < 0x80) {
      const end = index + 1 + length;
      if (end > packetBytes) throw new BadPacket('too-large', `more than ${packetBytes} bytes`);
      return bytes.length < end ? undefined : end;
    }
  }
  throw new BadPacket('malformed', 'the remaining length has more than four digits');
}

const acknowledged = new Set(['subscribe', 'unsubscribe', 'puback']);

/** What the codec lets through: absent packet ids, repeated properties, text that is not UTF-8 or holds NUL. */
function refuseIllFormed(packet: Packet): void {
  const needsId = acknowledged.has(packet.cmd) || (packet.cmd === 'publish' && packet.qos > 0);
  if (needsId && !((packet.messageId ?? 0) > 0)) throw new BadPacket('malformed', 'the packet identifier is missing');
  if ('properties' in packet) refuseIllFormedProperties(packet.properties ?? {});
  if (packet.cmd === 'connect') refuseIllFormedProperties(packet.will?.properties ?? {});
  for (const text of textsOf(packet)) {
    // MQTT 1.5.4: neither NUL nor ill-formed UTF-8. The codec has replaced the latter by U+FFFD.
    if (typeof text !== 'string' || text.includes('\0') || text.includes('\uFFFD')) {
      throw new BadPacket('malformed', 'a text is not well-formed UTF-8');
    }
  }
}

function textsOf(packet: Packet): readonly unknown[] {
  switch (packet.cmd) {
    case 'connect':
      return [packet.clientId, ...(packet.will === undefined ? [] : [packet.will.topic])];
    case 'publish':
      return [packet.topic];
    case 'subscribe':
      return packet.subscriptions.map(({ topic }) => topic);
    case 'unsubscribe':
      return packet.unsubscriptions;
    default:
      return [];
  }
}

function refuseIllFormedProperties(properties: object): void {
  for (const [name, value] of Object.entries(properties)) {
    const broken =
      name === 'userProperties'
        ? Object.values(value ?? {}).some((entry) => ![entry].flat().every((one) => typeof one === 'string'))
        : value === null || value === undefined || value === -1 || value === false
          ? name !== 'payloadFormatIndicator' &&
            name !== 'requestProblemInformation' &&
            name !== 'requestResponseInformation'
          : Array.isArray(value) && name !== 'subscriptionIdentifier';
    if (broken) throw new BadPacket('malformed', `the property ${name} is malformed or repeated`);
  }
}
