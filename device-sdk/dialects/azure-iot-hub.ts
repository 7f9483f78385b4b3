import { X509Certificate } from 'node:crypto';
import { channels, twinTopics } from '../azure/channels.ts';
import { DeviceTwin } from '../azure/device-twin.ts';
import { TwinRollout } from '../azure/twin-rollout.ts';
import type { PlantClaim } from '../bootstrap/plant-claim.ts';
import type { Conversation, ConversationParts, Dialect, FirstIntroduction } from '../dialect.ts';

/** The time of the hub that the vehicle is at home in, in seconds since the Unix epoch; rejects where it cannot be had. */
export type HubTime = (endpoint: string | undefined) => Promise<number>;

/**
 * A hub counts messages by 4 KB, and with the text the names and values of properties. Ours take 73 bytes; what the hub
 * itself adds (the device, how it has proved itself, the home's epoch, …) is reckoned with although nobody says that it
 * counts. Source: "Create and read IoT Hub messages", "Azure IoT Hub pricing".
 */
const telemetryBytes = 4096 - 320;

/**
 * Azure IoT Hub: all twins and releases are members of one device twin, an identity comes from the provisioning service
 * for a certificate of the plant, which stays.
 */
export function azureIotHubDialect(hubTime: HubTime): Dialect {
  return {
    name: 'azure-iot-hub',
    telemetryBytes,
    // An identity can be lost with its hub; the registry knows the certificate.
    knowsAgain: true,
    topics: channels,
    // Loaded once in a vehicle's life.
    async provision(options) {
      const { provision } = await import('../bootstrap/registration.ts');
      return provision(ofPlant(options));
    },
    async provisionAgain(options, former) {
      const { provisionAgain } = await import('../bootstrap/registration.ts');
      return provisionAgain(ofPlant(options), former);
    },
    converse: (parts) => new AzureIotHubConversation(parts, hubTime),
  };
}

function ofPlant({ claim, ...options }: FirstIntroduction): FirstIntroduction & { readonly claim: PlantClaim } {
  if (!('plant' in claim)) throw new Error('a vehicle of an IoT Hub needs a claim with a plant');
  return { ...options, claim };
}

class AzureIotHubConversation implements Conversation {
  readonly twins: DeviceTwin;
  readonly rollout: TwinRollout;
  /** The plant's certificate stays: there is nobody else to sign. */
  readonly rotation = undefined;
  private readonly parts: ConversationParts;
  private readonly hubTime: HubTime;

  constructor(parts: ConversationParts, hubTime: HubTime) {
    this.parts = parts;
    this.hubTime = hubTime;
    this.twins = new DeviceTwin(parts);
    this.rollout = new TwinRollout(this.twins);
  }

  async askTime(): Promise<void> {
    const { identity, clock, host } = this.parts;
    const asked = host.monotonic();
    clock.answered(await this.hubTime(identity()?.endpoint), asked, host.monotonic());
  }

  filters(): readonly string[] {
    return [twinTopics.document, twinTopics.desired];
  }

  connected(): void {
    this.twins.connected();
  }

  disconnected(): void {
    this.twins.disconnected();
  }

  receive(topic: string, payload: Uint8Array): boolean {
    return this.twins.receive(topic, payload);
  }

  async tellCertificate(twin: string): Promise<void> {
    const identity = this.parts.identity();
    if (identity === undefined) return;
    // What the plant has signed may have those between it and the root behind it.
    const certificatePem = new X509Certificate(identity.certificatePem).toString();
    await this.twins.get(twin);
    if (this.twins.member(twin)?.reported['certificatePem'] === certificatePem) return;
    await this.twins.reportAll({ [twin]: { certificatePem } });
  }
}
