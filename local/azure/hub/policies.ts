import { randomBytes } from 'node:crypto';
import type { Collection, State } from '#local/state/collection.ts';

export type Right = 'RegistryRead' | 'RegistryWrite' | 'ServiceConnect' | 'DeviceConnect';

export interface AccessPolicy {
  readonly name: string;
  readonly rights: readonly Right[];
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/** The policies that every hub is born with. Source: "Control access to IoT Hub by using shared access signatures". */
const usual: Readonly<Record<string, readonly Right[]>> = {
  iothubowner: ['RegistryRead', 'RegistryWrite', 'ServiceConnect', 'DeviceConnect'],
  service: ['ServiceConnect'],
  device: ['DeviceConnect'],
  registryRead: ['RegistryRead'],
  registryReadWrite: ['RegistryRead', 'RegistryWrite'],
};

/** Shared access policies; their keys stay the same over restarts. */
export class Policies {
  readonly #policies: Collection<AccessPolicy>;
  readonly #hostName: string;

  constructor(state: State, hostName: string) {
    this.#policies = state.collection('azure/policies');
    this.#hostName = hostName;
    for (const [name, rights] of Object.entries(usual)) {
      if (this.#policies.has(name)) continue;
      this.#policies.set(name, { name, rights, primaryKey: newKey(), secondaryKey: newKey() });
    }
  }

  get(name: string): AccessPolicy | undefined {
    return this.#policies.get(name);
  }

  connectionString(name: string): string {
    const policy = this.#policies.get(name);
    if (policy === undefined) throw new Error(`There is no policy ${name}.`);
    return `HostName=${this.#hostName};SharedAccessKeyName=${name};SharedAccessKey=${policy.primaryKey}`;
  }
}

const newKey = () => randomBytes(32).toString('base64');
