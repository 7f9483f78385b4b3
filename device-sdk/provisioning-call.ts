import type { Host } from './host.ts';
import { Questions } from './questions.ts';
import type { Connection, Transport } from './transport.ts';

interface Credentials {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** One connection under a claim, for the questions of provisioning. */
export class ProvisioningCall {
  readonly questions: Questions;
  private readonly connection: Connection;
  private online: { resolve: () => void; reject: (error: Error) => void } | undefined;
  private readonly opening: Promise<void>;

  constructor(
    transport: Transport,
    { certificatePem, privateKeyPem }: Credentials,
    { clientId, answerTimeout, host }: { clientId: string; answerTimeout: number; host: Host },
  ) {
    this.opening = new Promise((resolve, reject) => {
      this.online = { resolve, reject };
    });
    this.opening.catch(() => {});
    const wire = {
      publish: (topic: string, payload: string) => this.connection.publish(topic, payload),
      subscribe: (filters: readonly string[]) => this.connection.subscribe(filters),
    };
    this.questions = new Questions(wire, answerTimeout, host);
    this.connection = transport.connect(
      { clientId, certificatePem, privateKeyPem, sessionExpiry: 0 },
      {
        connected: () => this.online?.resolve(),
        disconnected: (reason) => this.questions.fail(new Error(`the line broke: ${reason}`)),
        refused: (reason) => this.online?.reject(new Error(`no connection with the claim: ${reason}`)),
        message: (topic, payload) => void this.questions.receive(topic, payload),
      },
    );
  }

  opened(): Promise<void> {
    return this.questions.timed(this.opening, 'no connection with the claim');
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
