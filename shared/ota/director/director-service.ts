import type { Clock, Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { DirectorAnswer } from '../../vehicle-cloud/update-envelopes.ts';
import { isReleaseId, type Release } from '../releases/release.ts';
import type { ReleaseRepository } from '../releases/release-repository.ts';
import type { OnlineKey } from '../repository/metadata-ports.ts';
import type { AttackName } from '../uptane/attack.ts';
import type { DirectorTargets, UpdateCustom } from '../uptane/custom.ts';
import type { Cryptography } from '../uptane/key.ts';
import { checkedManifest } from '../uptane/manifest-check.ts';
import { directorTargetsPayload, snapshotPayload, timestampPayload } from '../uptane/payloads.ts';
import { fileMeta, signed } from '../uptane/signing.ts';
import type {
  AnswerChannel,
  Ask,
  CampaignGate,
  DirectorRecords,
  DirectorRoots,
  GateAnswer,
  Grants,
} from './director-ports.ts';
import { type DirectorRecord, introduced } from './director-record.ts';
import { vehicleTargets } from './vehicle-targets.ts';

export interface DirectorPorts {
  readonly records: DirectorRecords;
  readonly gate: CampaignGate;
  readonly releases: Pick<ReleaseRepository, 'load'>;
  readonly roots: DirectorRoots;
  readonly grants: Grants;
  readonly key: () => Promise<OnlineKey>;
  readonly cryptography: Cryptography;
  readonly channel: AnswerChannel;
  readonly clock: Clock;
}

/** What came of a question, and what the vehicle had to say of attacks. */
export interface Outcome {
  readonly answer: 'metadata' | string;
  readonly attacks: readonly { readonly ecuId: string; readonly attack: AttackName }[];
}

const hour = 3_600_000;
/** An installation begins within ten minutes of its Timestamp or asks again; a download verifies what it was given. */
const timestampLife = hour;
/** Characters, nearly all of one byte: a message has 128 KB, some of it for the topic and the number of the question. */
const largestAnswer = 126 * 1024;
/** For what is verified again after a night in a garage. */
const targetsLife = 7 * 24 * hour;

/** Without its address: that goes to all of them. */
type Answer = Metadata | Refusal;
type Metadata = Omit<Extract<DirectorAnswer, { kind: 'metadata' }>, 'requestId'>;
type Refusal = Omit<Extract<DirectorAnswer, { kind: 'refused' }>, 'requestId'>;

/** Tells each vehicle what to install: made for it alone, out of what it has reported, and signed for it. */
export class DirectorService {
  readonly #ports: DirectorPorts;

  constructor(ports: DirectorPorts) {
    this.#ports = ports;
  }

  /** A question that comes twice is answered twice, under rising versions. */
  async ask(vehicleId: VehicleId, ask: Ask): Promise<Outcome> {
    const { cryptography, channel } = this.#ports;
    // Each report by the key that it names itself; whether that is the right one is asked afterwards, of what is known.
    const check = { vehicleId, nonce: ask.requestId, known: new Map(), cryptography };
    const manifest = checkedManifest(ask.manifest, check);
    const answer = fitting(
      manifest.kind === 'refused'
        ? refusal(manifest.reason, manifest.detail)
        : await this.#directed(vehicleId, ask, manifest),
    );
    await channel.send(vehicleId, { ...answer, requestId: ask.requestId });
    const attacks = manifest.kind === 'refused' ? [] : manifest.attacks;
    return { answer: answer.kind === 'refused' ? answer.reason : 'metadata', attacks };
  }

  async #directed(vehicleId: VehicleId, ask: Ask, manifest: Verified): Promise<Answer> {
    const { records, clock } = this.#ports;
    return untilSaved(async () => {
      const seen = await records.load(vehicleId);
      const asked = { reports: manifest.reports, requestId: ask.requestId };
      const introduction = introduced(seen, vehicleId, asked, clock.now());
      if (introduction.kind !== 'known') {
        const isNoted = introduction.kind !== 'unknown-ecu' || (await records.save(introduction.record, seen?.version));
        return isNoted ? refusal(introduction.kind, sayOf(introduction.kind, introduction.ecuIds)) : undefined;
      }
      const release = await this.#released(vehicleId, ask);
      if ('kind' in release) return release;
      const plan = vehicleTargets(release, manifest.reports);
      if (plan.kind === 'refused') return plan;
      const record = { ...introduction.record, metadataVersion: introduction.record.metadataVersion + 1 };
      const answer = await this.#metadata(ask, release, { ...plan, record, rootVersion: manifest.directorRootVersion });
      return (await records.save(record, seen?.version)) ? answer : undefined;
    });
  }

  async #released(vehicleId: VehicleId, { campaignId, purpose }: Ask): Promise<Release | Refusal> {
    const { gate, releases, clock } = this.#ports;
    const word: GateAnswer = await gate.ask(vehicleId, campaignId, purpose, clock.now());
    if (word.kind === 'refused') return word;
    const release = isReleaseId(word.releaseId) ? await releases.load(word.releaseId) : undefined;
    if (release?.state.status === 'approved') return release;
    return refusal('not-released', `the release is ${release?.state.status ?? 'not there'}`);
  }

  async #metadata({ campaignId }: Ask, release: Release, plan: Directed): Promise<Metadata> {
    const { grants, roots } = this.#ports;
    const { brand, releaseId, softwareVersion, preconditions } = release;
    const custom = { campaignId, releaseId, softwareVersion, preconditions, ...rxswinsOf(release) };
    const [files, newer, repository, images] = await Promise.all([
      this.#signed({ targets: plan.targets, custom }, plan.record, this.#ports.clock.now()),
      roots.after(plan.rootVersion),
      grants.open('repository/'),
      grants.open('images/', `${brand}/`),
    ]);
    return { kind: 'metadata', director: { roots: newer, ...files }, repository, images };
  }

  async #signed(
    content: Pick<DirectorTargets, 'targets' | 'custom'>,
    { metadataVersion: version }: DirectorRecord,
    now: Instant,
  ) {
    const { cryptography } = this.#ports;
    const { signer } = await this.#ports.key();
    const lasting = { version, expiresAt: now + targetsLife };
    const targets = await signed(directorTargetsPayload(lasting, content), [signer]);
    const listed = { 'targets.json': fileMeta(targets, version, cryptography) };
    const snapshot = await signed(snapshotPayload(lasting, listed), [signer]);
    const meta = fileMeta(snapshot, version, cryptography);
    const timestamp = await signed(timestampPayload({ version, expiresAt: now + timestampLife }, meta, now), [signer]);
    return { targets, snapshot, timestamp };
  }
}

/** Of the vehicle, the software's identification is changed by the installation alone that this signs. */
function rxswinsOf({ approvalRecord: { regulations } }: Release): Pick<UpdateCustom, 'rxswins'> {
  if (regulations.length === 0) return {};
  const steps = regulations.map(({ regulation, rxswinBefore, rxswinAfter }) => {
    return [regulation, { before: rxswinBefore, after: rxswinAfter }] as const;
  });
  return { rxswins: Object.fromEntries(steps) };
}

/** What no message takes is refused by its reason: asking again would not make it smaller. */
function fitting(answer: Answer): Answer {
  const length = JSON.stringify(answer).length;
  if (length <= largestAnswer) return answer;
  const kilobytes = Math.ceil(length / 1024);
  return refusal('incompatible', `what the control units are to install takes ${kilobytes} KB; a message takes 128`);
}

type Verified = Extract<ReturnType<typeof checkedManifest>, { kind: 'verified' }>;

interface Directed {
  readonly targets: DirectorTargets['targets'];
  readonly record: DirectorRecord;
  /** That the vehicle trusts. */
  readonly rootVersion: number;
}

function refusal(reason: string, detail: string): Refusal {
  return { kind: 'refused', reason, detail };
}

function sayOf(kind: 'unknown-ecu' | 'missing-ecu' | 'stale-manifest', ecuIds: readonly string[]): string {
  const names = ecuIds.slice(0, 5).join(', ');
  switch (kind) {
    case 'unknown-ecu':
      return `nobody has accepted the control unit ${names}`;
    case 'missing-ecu':
      return `the control unit ${names} does not report any more`;
    case 'stale-manifest':
      return `the report of ${names} is an old one`;
  }
}
