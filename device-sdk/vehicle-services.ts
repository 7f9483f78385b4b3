import type { Identity } from './certification.ts';
import type { Commands } from './commands.ts';
import type { Log } from './host.ts';
import type { InventoryReporter } from './inventory.ts';
import type { Services } from './line.ts';
import type { Conversations } from './moving/conversations.ts';
import type { Departure } from './moving/departure.ts';
import type { Updates } from './ota/updates.ts';
import type { Ownership } from './ownership.ts';
import type { Sharing } from './sharing/sharing.ts';
import type { Telemetry } from './telemetry.ts';
import type { TrustedTime } from './trusted-time.ts';
import type { Twins } from './twins.ts';

/** Everything on board that has to do with the line. */
export interface Aboard {
  readonly cloud: Conversations;
  readonly twins: Twins;
  readonly telemetry: Telemetry;
  readonly commands: Commands;
  readonly inventory: InventoryReporter;
  readonly ownership: Ownership;
  readonly updates: Updates | undefined;
  readonly sharing: Sharing | undefined;
  /** Undefined where the vehicle can be in one cloud alone. */
  readonly departure: Departure | undefined;
  readonly time: TrustedTime;
  readonly identity: () => Identity | undefined;
  readonly log: Log;
}

/** @param aboard the line is there before all that is on board */
export function servicesOf(aboard: () => Aboard): Services {
  return {
    filters(topics) {
      const { cloud, updates, sharing } = aboard();
      const own = [topics.claimCodeTopic, sharing && topics.sharingTopic, updates && topics.updateTopic];
      return [
        topics.commandTopic,
        ...cloud.filters(topics, updates !== undefined),
        ...own.filter((topic) => topic !== undefined),
      ];
    },
    accepted: (identity) => aboard().cloud.rotation?.accepted(identity),
    fellBack: () => aboard().cloud.rotation?.fellBack(),
    connected() {
      const { twins, telemetry, cloud, updates, commands, inventory, sharing, departure } = aboard();
      twins.connected();
      telemetry.connected();
      cloud.connected();
      updates?.connected();
      const parts = [commands, inventory, cloud.rotation, sharing, departure];
      return parts.flatMap((part) => (part === undefined ? [] : [part.connected()]));
    },
    disconnected() {
      const { time, twins, telemetry, commands, inventory, cloud, updates, sharing, departure } = aboard();
      // The unit may have slept while its counter stood still.
      time.clock.forget();
      twins.disconnected();
      telemetry.disconnected();
      commands.disconnected();
      inventory.disconnected();
      cloud.disconnected();
      updates?.disconnected();
      sharing?.disconnected();
      cloud.rotation?.disconnected();
      departure?.disconnected();
    },
    message(topic, payload) {
      const { identity, commands, ownership, updates, sharing, cloud, log } = aboard();
      const { commandTopic, claimCodeTopic, updateTopic, sharingTopic } = identity()?.topics ?? {};
      if (topic === commandTopic) commands.receive(payload);
      else if (topic === claimCodeTopic) ownership.receive(payload);
      else if (topic === updateTopic) updates?.receive(payload);
      else if (topic === sharingTopic) sharing?.receive(payload);
      else if (!cloud.receive(topic, payload)) log(`a message on ${topic}, which nobody handles`);
    },
  };
}
