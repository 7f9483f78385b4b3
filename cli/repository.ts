import * as z from 'zod';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { canonicalBytes } from '#shared/ota/uptane/canonical.ts';
import type { ImageCustom } from '#shared/ota/uptane/custom.ts';
import type { PublicKey } from '#shared/ota/uptane/key.ts';
import type { Target } from '#shared/ota/uptane/metadata.ts';
import { imageTargetsPayload, type RoleKeys, rootPayload } from '#shared/ota/uptane/payloads.ts';
import { fileText, signaturesOver } from '#shared/ota/uptane/signing.ts';
import type { Api } from './api.ts';
import type { OfflineKey } from './key-file.ts';
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

const textSchema = z.object({ text: z.string() });
const target = z.custom<Target<ImageCustom>>((value) => typeof value === 'object' && value !== null);
const targetsFile = z.object({
  signed: z.looseObject({
    version: z.number(),
    expires: z.string(),
    targets: z.record(z.string(), target),
    delegations: z.unknown().optional(),
  }),
});
type TargetsFile = z.infer<typeof targetsFile>;

export type Targets = Readonly<Record<string, Target<ImageCustom>>>;

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
    const role = (its: readonly OfflineKey[]): RoleKeys => ({
      keys: its.map((key) => key.publicKey),
      threshold: keys.threshold,
    });
    const payload = rootPayload(
      { version: 1, expiresAt: keys.now + keys.days * day },
      {
        root: role(keys.root),
        targets: name === 'image' ? role(keys.targets) : online,
        snapshot: online,
        timestamp: online,
      },
      cryptography,
    );
    return this.#submit(name, 'root', payload, keys.root);
  }

  /** Targets with these among them, as the next version; or one more signature on those that wait for it. */
  async sign(role: string, more: Targets, keys: readonly OfflineKey[], until: number): Promise<Submitted> {
    const [published, pending] = await Promise.all([this.#targets(role, 'published'), this.#targets(role, 'pending')]);
    const targets = { ...published?.signed.targets, ...more };
    if (published !== undefined && pending === undefined && isSame(published.signed.targets, targets)) {
      return { status: 'published', version: published.signed.version };
    }
    if (pending !== undefined) {
      requireUnderstood(pending, targets, published);
      return this.#submit('image', role, pending.signed, keys);
    }
    const {
      version: _,
      expires: __,
      targets: ___,
      ...rest
    } = published?.signed ?? { version: 0, expires: '', targets: {} };
    const version = (published?.signed.version ?? 0) + 1;
    const payload = { ...rest, ...imageTargetsPayload({ version, expiresAt: until }, { targets }) };
    return this.#submit('image', role, payload, keys);
  }

  async #targets(role: string, state: 'published' | 'pending'): Promise<TargetsFile | undefined> {
    const text = await this.text('image', role, state);
    return text === undefined ? undefined : targetsFile.parse(JSON.parse(text));
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

/** Nobody signs what somebody else has put into the same file: only this release, and what is published. */
function requireUnderstood(pending: TargetsFile, expected: Targets, published: TargetsFile | undefined): void {
  const isExpected = isSame(pending.signed.targets, expected);
  const delegates = isSame(pending.signed.delegations ?? null, published?.signed.delegations ?? null);
  if (isExpected && delegates) return;
  throw new CommandFailure(
    exitCodes.refused,
    `Version ${pending.signed.version} waits for signatures and says more, or something else, than this release. Look at it: GET …/metadata/<role>?state=pending.`,
  );
}

function isSame(one: unknown, other: unknown): boolean {
  return Buffer.compare(canonicalBytes(one), canonicalBytes(other)) === 0;
}
