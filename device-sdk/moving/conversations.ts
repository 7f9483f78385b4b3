import { epochOf, type Identity, type KnownTopics } from '../certification.ts';
import type { Conversation, ConversationParts } from '../dialect.ts';
import type { Rollout } from '../ota/rollout.ts';
import type { CertificateEvent, Rotation } from '../rotation.ts';
import type { TwinWire } from '../twin-wire.ts';
import type { Clouds } from './clouds.ts';

interface ConversationsParts extends ConversationParts {
  readonly clouds: Clouds;
}

/**
 * What a vehicle has to do with whichever cloud it is at home in. Each home begins a conversation of its own: nothing that
 * was heard in another one, of twins or of releases, holds there, and what is late from there is not heard any more.
 */
export class Conversations implements Conversation {
  readonly twins: TwinWire;
  readonly rollout: Rollout;
  /** Called when another home's conversation has begun, before anything is said in it. */
  onMoved: () => void = () => {};
  private readonly parts: ConversationsParts;
  private readonly listeners: ((event: CertificateEvent) => void)[] = [];
  private begun: { readonly home: string; readonly conversation: Conversation } | undefined;

  constructor(parts: ConversationsParts) {
    this.parts = parts;
    this.twins = {
      get: (twin) => this.present().twins.get(twin),
      report: (twin, reported) => this.present().twins.report(twin, reported),
      onDelta: () => {},
      onTakenBack: () => {},
    };
    this.rollout = {
      isReleased: (campaignId) => this.present().rollout.isReleased(campaignId),
      look: () => this.present().rollout.look(),
      installing: (...which) => this.present().rollout.installing(...which),
      ended: (...how) => this.present().rollout.ended(...how),
      onChange: () => {},
    };
  }

  get rotation(): Rotation | undefined {
    return this.present().rotation;
  }

  /** Whether the vehicle changes its certificate where it is now, or may be somewhere where it does. */
  get mayRotate(): boolean {
    return this.parts.clouds.areSeveral || this.rotation !== undefined;
  }

  /** Tells of every certificate, in whichever home. */
  onCertificate(listener: (event: CertificateEvent) => void): void {
    this.listeners.push(listener);
  }

  askTime(): Promise<void> {
    return this.present().askTime();
  }

  filters(topics: KnownTopics, takesUpdates: boolean): readonly string[] {
    return this.present().filters(topics, takesUpdates);
  }

  connected(): void {
    this.present().connected();
  }

  disconnected(): void {
    this.present().disconnected();
  }

  receive(topic: string, payload: Uint8Array): boolean {
    return this.present().receive(topic, payload);
  }

  async tellCertificate(twin: string): Promise<void> {
    await this.present().tellCertificate?.(twin);
  }

  private present(): Conversation {
    const home = homeOf(this.parts.identity());
    if (this.begun?.home === home) return this.begun.conversation;
    const former = this.begun?.conversation;
    const conversation = this.begin(home);
    this.begun = { home, conversation };
    if (former !== undefined) {
      former.disconnected();
      former.rotation?.close();
      this.onMoved();
    }
    return conversation;
  }

  private begin(home: string): Conversation {
    const { clouds, wire, identity, become } = this.parts;
    const isHere = () => homeOf(identity()) === home;
    const here = <Result>(act: () => Promise<Result>): Promise<Result> =>
      isHere() ? act() : Promise.reject(new Error('the vehicle is at home elsewhere'));
    const { dialect } = clouds.of(identity()) ?? clouds.first;
    const conversation = dialect.converse({
      ...this.parts,
      wire: {
        publish: (topic, payload) => here(() => wire.publish(topic, payload)),
        subscribe: (filters) => here(() => wire.subscribe(filters)),
      },
      identity: () => (isHere() ? identity() : undefined),
      become: (next) => here(() => become(next)),
    });
    conversation.twins.onDelta = (...said) => isHere() && this.twins.onDelta(...said);
    conversation.twins.onTakenBack = (...said) => isHere() && this.twins.onTakenBack(...said);
    conversation.rollout.onChange = () => isHere() && this.rollout.onChange();
    conversation.rotation?.onEvent((event) => {
      for (const listener of this.listeners) listener(event);
    });
    return conversation;
  }
}

function homeOf(identity: Identity | undefined): string {
  return `${identity === undefined ? 0 : epochOf(identity)} ${identity?.home?.dialect ?? ''}`;
}
