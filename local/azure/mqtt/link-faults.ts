import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import type { Fate } from '#local/faults/faults.ts';
import type { Wire } from './wire.ts';

/** What goes wrong on the link to one device, where somebody wants it to. */
export class LinkFaults {
  readonly #hub: Pick<LocalIotHub, 'faults' | 'log'>;
  readonly #wire: Wire;

  constructor(hub: Pick<LocalIotHub, 'faults' | 'log'>, wire: Wire) {
    this.#hub = hub;
    this.#wire = wire;
  }

  /**
   * From the device: `goOn` is called with what is still to happen of the fault (twice, or broken off afterwards), unless
   * it lets nothing through.
   */
  take(topic: string, goOn: (fate: Fate) => void): void {
    this.#at(topic, (fate) => {
      if (fate.kind === 'fail') this.#wire.cut();
      else goOn(fate);
    });
  }

  /** To the device. */
  give(topic: string, send: () => void): void {
    this.#at(topic, (fate) => {
      // Too fast for this device: left out.
      if (fate.kind === 'fail' && fate.error.name === 'ThrottlingException') return;
      if (fate.kind === 'fail') {
        this.#wire.cut();
        return;
      }
      send();
      if (fate.kind === 'duplicate') send();
      if (fate.kind === 'cut') this.#wire.cutWhenSent();
    });
  }

  #at(topic: string, goOn: (fate: Fate) => void): void {
    const apply = (fate: Fate) => {
      if (this.#wire.ended || fate.kind === 'drop') return;
      if (fate.kind === 'cut' && fate.when === 'before') this.#wire.cut();
      else goOn(fate);
    };
    const { faults, log } = this.#hub;
    const fate = faults.at('mqtt', topic);
    if (!(fate instanceof Promise)) apply(fate);
    else fate.then(apply).catch((error: unknown) => log(`a message failed: ${String(error)}`));
  }
}
