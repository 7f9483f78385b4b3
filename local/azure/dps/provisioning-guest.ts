import type { IPublishPacket, Packet } from 'mqtt-packet';
import type { Guest } from '#local/azure/mqtt/mqtt-server.ts';
import type { Wire } from '#local/azure/mqtt/wire.ts';
import type { Fate, Faults } from '#local/faults/faults.ts';
import type { ShownProof } from './attestation.ts';
import type { ProvisioningLimits } from './limits.ts';
import { badRequest, ProvisioningError } from './provisioning-error.ts';
import { operationAnswer } from './registration-answer.ts';
import { type Registrations, registrationBody } from './registrations.ts';

export interface ProvisioningGuestOptions {
  readonly wire: Wire;
  readonly proof: ShownProof;
  readonly registrations: Registrations;
  readonly limits: ProvisioningLimits;
  /** s after which a device may ask how its registration goes. */
  readonly retryAfter: number;
  readonly faults: Faults;
  readonly log: (line: string) => void;
}

const answers = '$dps/registrations/res/#';
const request = /^\$dps\/registrations\/(PUT\/iotdps-register|GET\/iotdps-get-operationstatus)\/\?(.*)$/;

/** One device that asks for its hub. */
export class ProvisioningGuest implements Guest {
  readonly #options: ProvisioningGuestOptions;
  #listens = false;
  #packetId = 0;

  constructor(options: ProvisioningGuestOptions) {
    this.#options = options;
  }

  packet(packet: Packet): void {
    const { wire } = this.#options;
    switch (packet.cmd) {
      case 'publish':
        this.#published(packet);
        break;
      case 'subscribe':
        if (packet.subscriptions.some(({ topic }) => topic !== answers)) this.#refuse('nobody may subscribe to that');
        this.#listens = true;
        wire.send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: packet.subscriptions.map(() => 1) });
        break;
      case 'unsubscribe':
        this.#listens = false;
        wire.send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted: [] });
        break;
      case 'puback':
        break;
      default:
        this.#refuse(`${packet.cmd} has no place here`);
    }
  }

  end(): void {
    // A registration that has begun goes on: the device comes back and hears of it.
  }

  #published(packet: IPublishPacket): void {
    const { wire, proof, faults, log } = this.#options;
    const [, operation, query = ''] = request.exec(packet.topic) ?? [];
    const [, rid] = /(?:^|&)\$rid=([^&]+)/.exec(query) ?? [];
    if (packet.qos === 2 || operation === undefined || rid === undefined) {
      this.#refuse(`there is no topic ${packet.topic}`);
      return;
    }
    if (packet.qos === 1) wire.send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
    const answer = () => {
      if (operation.startsWith('PUT')) this.#answer(rid, () => this.#register(packet));
      else this.#answer(rid, () => this.#status(query));
    };
    const apply = (fate: Fate) => {
      if (fate.kind === 'fail' || fate.kind === 'cut') wire.cut();
      else if (fate.kind !== 'drop') answer();
    };
    const fate = faults.at('mqtt', `$dps/registrations/${proof.registrationId}`);
    if (!(fate instanceof Promise)) apply(fate);
    else fate.then(apply).catch((error: unknown) => log(`a registration failed: ${String(error)}`));
  }

  #register({ payload }: IPublishPacket) {
    const { proof, registrations, limits } = this.#options;
    limits.registers();
    const { registrationId, payload: told } = registrationBody(payload.toString());
    if (registrationId !== proof.registrationId)
      throw badRequest('registrationId is another than that of the connection.');
    return registrations.register(proof, told);
  }

  #status(query: string) {
    const { proof, registrations, limits } = this.#options;
    limits.polls(proof.registrationId);
    return registrations.operation(proof.registrationId, new URLSearchParams(query).get('operationId') ?? '');
  }

  #answer(rid: string, work: () => Parameters<typeof operationAnswer>[0]): void {
    try {
      const registration = work();
      const waiting = registration.status === 'assigning';
      const { retryAfter } = this.#options;
      this.#reply(waiting ? 202 : 200, rid, operationAnswer(registration), waiting ? retryAfter : undefined);
    } catch (error) {
      if (!(error instanceof ProvisioningError)) throw error;
      this.#reply(error.status, rid, error.body, error.retryAfter);
    }
  }

  #reply(status: number, rid: string, body: object, retryAfter: number | undefined): void {
    if (!this.#listens) return;
    const again = retryAfter === undefined ? '' : `&retry-after=${retryAfter}`;
    this.#packetId = (this.#packetId % 65_535) + 1;
    this.#options.wire.send({
      ...{ cmd: 'publish', qos: 1, dup: false, retain: false, messageId: this.#packetId },
      topic: `$dps/registrations/res/${status}/?$rid=${rid}${again}`,
      payload: JSON.stringify(body),
    });
  }

  #refuse(reason: string): void {
    this.#options.wire.end({ kind: 'refused', reason });
  }
}
