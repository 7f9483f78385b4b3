import * as z from 'zod';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { canonicalBytes } from '#shared/ota/uptane/canonical.ts';
import type { PublicKey } from '#shared/ota/uptane/key.ts';
import { type RoleKeys, rootPayload } from '#shared/ota/uptane/payloads.ts';
import { fileText, signaturesOver } from '#shared/ota/uptane/signing.ts';
import type { Api } from './api.ts';
import type { OfflineKey } from './key-file.ts';
import { type Change, roleKeys, type Signed, signedSchema, type Targets, withTargets } from './next-version.ts';
import { CommandFailure, exitCodes, wrongUse } from './outcome.ts';

const publicKey = z.custom<PublicKey>((value) => typeof value === 'object' && value !== null && 'keytype' in value);
const repositorySchema = z.object({
  repository: z.string(),
  onlineKey: z.object({ keyId: z.string(), key: publicKey }),
  published: z.array(
    z.object({ role: z.string(), version: z.number(), length: z.number(), sha256: z.string(), expiresAt: z.string() }),
  ),
  pending: z.array(
    z.object({ role: z.string(), version: z.number(), signedBy: z.array(z.string()), missing: z.number() }),
  ),
});

const submittedSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('published'), version: z.number() }),
  z.object({ status: z.literal('pending'), pending: z.object({ version: z.number(), missing: z.number() }) }),
]);
export type Submitted = z.infer<typeof submittedSchema>;

/** `before`: all of it was published already, and nothing was signed. */
export type Signing = Submitted & { readonly before?: true };

const keyids = z.array(z.string());
const rootSigners = z.object({ roles: z.object({ targets: z.object({ keyids }) }) });
const delegatedSigners = z.object({
  delegations: z.object({ roles: z.array(z.object({ name: z.string(), keyids })) }).optional(),
});

const textSchema = z.object({ text: z.string() });
const fileSchema = z.object({ signed: signedSchema });

const day = 24 * 3_600_000;

/** What is said of the Image and the Director repository by whoever holds the offline keys. */
export class OfflineRepository {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  show(name: string) {
    return this.#api.get(`/v1/repositories/${name}`, repositorySchema);
  }

  text(name: string, role: string, state: 'published' | 'pending'): Promise<string | undefined> {
    const path = `/v1/repositories/${name}/metadata/${role}?state=${state}`;
    return this.#api.find(path, textSchema).then((found) => found?.text);
  }

  /** The first Root, with the platform's own key where the cloud signs. */
  async create(name: 'image' | 'director', keys: CreationKeys): Promise<Submitted> {
    const { onlineKey, published } = await this.show(name);
    if (published.length > 0) throw wrongUse(`The ${name} repository has a Root already.`);
    const online: RoleKeys = { keys: [onlineKey.key], threshold: 1 };
    const role = (named: string, its: readonly OfflineKey[]): RoleKeys => {
      const known = its.map((key) => key.publicKey);
      return roleKeys(named, known, keys.threshold);
    };
    const payload = rootPayload(
      { version: 1, expiresAt: keys.now + keys.days * day },
      {
        root: role('root', keys.root),
        targets: name === 'image' ? role('targets', keys.targets) : online,
        snapshot: online,
        timestamp: online,
      },
      cryptography,
    );
    return this.#submit(name, 'root', payload, keys.root);
  }

  /** The next version of a role; or one more signature, where just this version waits for it. */
  async propose(
    name: string,
    role: string,
    change: Change,
    keys: readonly OfflineKey[],
    until: number,
  ): Promise<Submitted> {
    const [published, pending] = await Promise.all([
      this.#signed(name, role, 'published'),
      this.#signed(name, role, 'pending'),
    ]);
    if (pending === undefined) return this.#submit(name, role, change(published, timeOf(until)), keys);
    // Nobody signs what somebody else has put into the same version.
    if (isSame(change(published, pending.expires), pending)) return this.#submit(name, role, pending, keys);
    throw new CommandFailure(
      exitCodes.refused,
      `Version ${pending.version} of ${role} waits for signatures and says more than this, or something else. Look at it: fleetloom repository pending --role ${role}.`,
    );
  }

  /** Targets with these among them; published `before`, where they were: no key is needed then, yet none may be a wrong one. */
  async sign(role: string, more: Targets, keys: readonly OfflineKey[], until: number): Promise<Signing> {
    const published = await this.#signed('image', role, 'published');
    const change = withTargets(more);
    const { version, targets } = published ?? { version: 0, targets: {} };
    if (published !== undefined && isSame(change(published, '')['targets'], targets)) {
      await this.#requireSigners(role, keys);
      return { status: 'published', version, before: true };
    }
    return this.propose('image', role, change, keys, until);
  }

  /** @throws CommandFailure as the platform refuses what such a key has signed */
  async #requireSigners(role: string, keys: readonly OfflineKey[]): Promise<void> {
    const signers = await this.#signersOf(role);
    const strangers = keys.filter(({ keyid }) => !signers.includes(keyid)).map(({ keyid }) => keyid);
    if (strangers.length === 0) return;
    throw new CommandFailure(exitCodes.refused, `May not sign ${role}: key ${strangers.join(', ')}.`);
  }

  /** By the Root, or by whichever Targets delegate to it. */
  async #signersOf(role: string): Promise<readonly string[]> {
    if (role === 'targets') {
      const root = await this.#signed('image', 'root', 'published');
      return root === undefined ? [] : rootSigners.parse(root).roles.targets.keyids;
    }
    const { published } = await this.show('image');
    for (const { role: name } of published.filter((one) => !['root', 'snapshot', 'timestamp'].includes(one.role))) {
      const { delegations } = delegatedSigners.parse(await this.#signed('image', name, 'published'));
      const found = delegations?.roles.find((one) => one.name === role);
      if (found !== undefined) return found.keyids;
    }
    return [];
  }

  async #signed(name: string, role: string, state: 'published' | 'pending'): Promise<Signed | undefined> {
    const text = await this.text(name, role, state);
    return text === undefined ? undefined : fileSchema.parse(JSON.parse(text)).signed;
  }

  async #submit(name: string, role: string, payload: object, keys: readonly OfflineKey[]): Promise<Submitted> {
    const text = fileText({ signatures: await signaturesOver(payload, keys), signed: payload });
    return this.#api.post(`/v1/repositories/${name}/metadata/${role}`, { text }, submittedSchema);
  }
}

export interface CreationKeys {
  readonly root: readonly OfflineKey[];
  readonly targets: readonly OfflineKey[];
  readonly threshold: number;
  readonly days: number;
  readonly now: number;
}

/** Whole seconds, as metadata have it. */
function timeOf(at: number): string {
  return new Date(Math.floor(at / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

function isSame(one: unknown, other: unknown): boolean {
  return Buffer.compare(canonicalBytes(one), canonicalBytes(other)) === 0;
}
