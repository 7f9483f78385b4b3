import type { EcuReport } from '#shared/vehicle-cloud/envelopes.ts';
import type {
  Precondition,
  SignedStatement,
  UpdateOffer,
  UpdatePhase,
  UpdateReport,
} from '#shared/vehicle-cloud/update-envelopes.ts';
import { type Host, type Log, reasonOf } from '../host.ts';
import type { ImageStore } from './download/image-store.ts';
import { pause } from './download/pause.ts';
import type { EcuInstaller, EcuState } from './ecu-installer.ts';
import { begin } from './installation/begin.ts';
import type {
  EndedInstallation,
  Installation,
  InstallationFailure,
  InstallationPlan,
} from './installation/installation.ts';
import { install } from './installation/installer.ts';
import { asChosen, consentedWindow, isSameConsent } from './offer.ts';
import { NotPrepared, Preparation, type PreparationParts } from './preparation.ts';
import type { ReportLine } from './report-line.ts';
import type { Rollout } from './rollout.ts';
import { resultShown } from './screen-language.ts';
import { signedStatement, statementOf } from './statement.ts';
import type { UpdateMemory, UpdateRecord } from './update-memory.ts';
import type { VehicleBody } from './vehicle-body.ts';

export type UpdateResult = Extract<UpdateReport, { kind: 'result' }>;

export interface CourseParts extends Omit<PreparationParts, 'tell'> {
  readonly memory: UpdateMemory;
  readonly rollout: Rollout;
  readonly reports: ReportLine;
  readonly images: ImageStore;
  readonly ecus: ReadonlyMap<string, EcuInstaller>;
  readonly body: VehicleBody;
  /** Milliseconds within which an installation that is said to take so many minutes is done, or goes back. */
  readonly timeLimit: (minutes: number) => number;
  readonly tell: (phase: UpdatePhase, percent: number, waitsFor?: readonly Precondition['kind'][]) => void;
  /** What the control units run, as the cloud is told. */
  readonly reported: (states: ReadonlyMap<string, EcuState>) => EcuReport[];
  readonly vehicleId: () => string;
  /** What the screen speaks. */
  readonly language: () => string;
  /** Of the vehicle as a whole, as it is known before anything is installed. */
  readonly present: () => { readonly softwareVersion: string; readonly rxswins: Readonly<Record<string, string>> };
  /** An attempt has ended; it is kept. */
  readonly ended: (result: UpdateResult) => void;
  readonly host: Host;
  readonly log: Log;
}

/** Milliseconds before the rollout is asked again whether an installation may begin. */
const askAgain = 5000;
/** What the cloud takes of a sentence. */
const longestDetail = 500;

/** The consent was taken back, or what was released is not any more. */
class Withdrawn extends Error {}
/** Something else holds now: the same attempt goes on with it. */
class Changed extends Error {}

interface Attempted {
  readonly campaignId: string;
  readonly attempt: number;
  readonly outcome: UpdateResult['outcome'];
  readonly safety: UpdateResult['safety'];
  readonly plan: InstallationPlan | undefined;
  readonly states: ReadonlyMap<string, EcuState>;
}

interface Task {
  readonly offer: UpdateOffer;
  readonly window: { readonly from: number; readonly to: number };
}

/** Takes updates from consent to result, one at a time; takes up what a loss of power has interrupted. */
export class UpdateCourse {
  private readonly parts: CourseParts;
  private running = false;
  private preparing: { readonly task: Task; readonly stop: AbortController } | undefined;
  private closed = false;

  constructor(parts: CourseParts) {
    this.parts = parts;
  }

  /** Something has changed: an offer, a decision, what is released. */
  wake(): void {
    if (this.closed) return;
    if (this.preparing !== undefined) this.reconsider(this.preparing);
    if (this.running) return;
    this.running = true;
    this.run()
      .catch((error) => this.parts.log(`updates: ${reasonOf(error)}`))
      .finally(() => {
        this.running = false;
      });
  }

  /** As if the power went: what was begun is taken up another time. */
  close(): void {
    this.closed = true;
    this.preparing?.stop.abort(new Error('the vehicle was closed'));
  }

  private async run(): Promise<void> {
    for (;;) {
      const { current } = this.parts.memory.record;
      if (current?.installation !== undefined) {
        await this.install(current.installation);
        continue;
      }
      const task = this.task();
      if (task === undefined || this.closed) return;
      await this.attempt(task);
    }
  }

  /** What has been consented to and released, and has not come to its end. */
  private task(): Task | undefined {
    const { memory, rollout, now } = this.parts;
    const { offer: seen, choice, ends } = memory.record;
    const offer = seen === undefined ? undefined : asChosen(seen, choice, now());
    const window = offer && consentedWindow(offer);
    if (offer === undefined || window === undefined) return undefined;
    rollout.look();
    if (!rollout.isReleased(offer.campaignId)) return undefined;
    if (ends.some(({ campaignId }) => campaignId === offer.campaignId)) return undefined;
    return { offer, window };
  }

  private reconsider({ task, stop }: { task: Task; stop: AbortController }): void {
    const now = this.task();
    if (now === undefined || now.offer.campaignId !== task.offer.campaignId) stop.abort(new Withdrawn());
    else if (JSON.stringify(now.window) !== JSON.stringify(task.window)) stop.abort(new Changed());
  }

  private async attempt(task: Task): Promise<void> {
    const { memory, reports, host, log } = this.parts;
    const { campaignId, revision } = task.offer;
    const { current, choice } = memory.record;
    // Of another consent is another attempt: what was heard of the former one is void.
    if (current?.campaignId !== campaignId || !isSameConsent(current.revision, task.offer, choice)) {
      memory.begin(campaignId, revision);
      reports.begin();
    }
    const stop = new AbortController();
    this.preparing = { task, stop };
    try {
      const begun = await this.begun(task, stop.signal);
      this.preparing = undefined;
      if (begun === 'unreachable') await pause(askAgain, stop.signal, host);
      else if ('error' in begun) await this.fail(begun);
    } catch (error) {
      if (this.closed || error instanceof Changed) return;
      if (error instanceof Withdrawn) {
        // Whoever took it back knows: a result would only be one of an attempt that is over.
        log(`updates: ${campaignId} was taken back`);
        memory.drop();
      } else if (error instanceof NotPrepared) {
        await this.fail(error.failure);
      } else {
        log(`updates: ${reasonOf(error)}`);
        await this.fail({ error: 'installation', detail: reasonOf(error) });
      }
    } finally {
      this.preparing = undefined;
    }
  }

  /** From here on it is finished, whatever the cloud says. */
  private async begun(task: Task, signal: AbortSignal): Promise<Installation | InstallationFailure | 'unreachable'> {
    const { memory, rollout, body, now, timeLimit, log } = this.parts;
    const { minutes, campaignId } = task.offer;
    const update = await new Preparation(task.offer, this.parts, signal).prepared(task.window);
    const { bad, safe } = memory.record;
    const ecus = await this.parts.states();
    const { rxswins } = this.parts.present();
    const known = { ecus, bad, safe, rxswins, conditions: body.conditions() };
    const planned = begin(update, { ...known, now: now(), minutes, limit: timeLimit(minutes) });
    if ('error' in planned) return planned;
    try {
      // As long again for going back.
      const isReleased = await rollout.installing(campaignId, (2 * timeLimit(minutes)) / 60_000);
      if (!isReleased) throw new Withdrawn();
    } catch (error) {
      if (error instanceof Withdrawn) throw error;
      log(`not begun: ${reasonOf(error)}`);
      return 'unreachable';
    }
    signal.throwIfAborted();
    this.keep(planned);
    return planned;
  }

  private async install(begun: Installation): Promise<void> {
    const { ecus, body, images, host, now, log, tell } = this.parts;
    tell(phaseOf(begun), 0);
    const ended = await install(begun, {
      ...{ ecus, body, host, now, log },
      image: (ecu, blockBytes) => this.blocks(images.blocks(ecu.to.software.sha256, blockBytes)),
      keep: async (installation) => {
        if (this.closed) await never();
        this.keep(installation);
        if (installation.status !== 'installed' && installation.status !== 'failed') tell(phaseOf(installation), 0);
      },
      wrote: (percent) => tell('installing', percent),
    });
    if (this.closed) await never();
    await this.end(ended);
  }

  private keep(installation: Installation): void {
    const { memory } = this.parts;
    const { current } = memory.record;
    if (current === undefined) throw new Error('no attempt is under way');
    memory.change({ current: { ...current, installation }, bad: this.badAfter(installation) });
  }

  /** What was not healthy is remembered in the same write in which the vehicle turns back: never a loop of A and B. */
  private badAfter(installation: Installation): UpdateRecord['bad'] {
    const { memory } = this.parts;
    if (installation.status !== 'falling-back') return memory.record.bad;
    const { failure, plan } = installation;
    const culprit = plan.ecus.find(({ ecuId }) => ecuId === failure.ecuId);
    if (failure.error !== 'health' || culprit === undefined) return memory.record.bad;
    return memory.markBad(culprit.ecuId, culprit.to.software.sha256);
  }

  private async end(ended: EndedInstallation): Promise<void> {
    const { memory } = this.parts;
    if (ended.status === 'failed') return await this.fail(ended.failure, ended.safe, ended.plan);
    const { softwareVersion } = ended.plan;
    const result = await this.result('installed', 'safe', ended.plan);
    if (result === undefined) return;
    // What is installed is offered no more, whenever the cloud says so; and the RXSWINs change with it, or not at all.
    const rxswins = { ...this.parts.present().rxswins, ...ended.plan.rxswins };
    const identified = Object.keys(rxswins).length > 0 ? { rxswins } : {};
    const installed = {
      safe: true,
      stranded: undefined,
      softwareVersion,
      ...identified,
      offer: undefined,
      choice: undefined,
    };
    memory.end({ ...result, outcome: 'installed', softwareVersion }, installed);
    await this.parts.images.keepOnly([]);
    this.parts.ended({ ...result, outcome: 'installed', softwareVersion });
  }

  private async fail(
    failure: InstallationFailure,
    safe = this.parts.memory.record.safe,
    plan?: InstallationPlan,
  ): Promise<void> {
    const { memory } = this.parts;
    const result = await this.result('failed', safe ? 'safe' : 'unsafe-to-drive', plan);
    if (result === undefined) return;
    const { error, ecuId, attack } = failure;
    const whole: UpdateResult = {
      ...{ ...result, outcome: 'failed', error, detail: failure.detail.slice(0, longestDetail) },
      ...(ecuId !== undefined && { ecuId }),
      ...(attack !== undefined && { attack }),
    };
    const { campaignId, attempt, sequence } = result;
    memory.end(whole, { safe, ...(!safe && { stranded: { campaignId, attempt, sequence } }) });
    this.parts.ended(whole);
  }

  private async result(
    outcome: UpdateResult['outcome'],
    safety: UpdateResult['safety'],
    plan: InstallationPlan | undefined,
  ) {
    const { memory, now, reported } = this.parts;
    const { current } = memory.record;
    if (current === undefined) return undefined;
    const { campaignId, attempt } = current;
    const sequence = current.sequence + 1;
    const states = await this.parts.states();
    const statement = await this.statement({ campaignId, attempt, outcome, safety, plan, states });
    const result = { kind: 'result' as const, campaignId, attempt, sequence, safety, ecus: reported(states) };
    return { ...result, at: Math.round(now()), ...(statement !== undefined && { statement }) };
  }

  /** For the record. A result that nothing could be stated of is a result all the same. */
  private async statement({ safety, ...attempt }: Attempted): Promise<SignedStatement | undefined> {
    const { memory, present, verification, vehicleId, language, log } = this.parts;
    const { softwareVersion, rxswins } = present();
    const shown = resultShown({ ...attempt, safety }, attempt.plan?.softwareVersion ?? softwareVersion, language());
    const { choice } = memory.record;
    try {
      const ended = { ...attempt, vehicleId: vehicleId(), softwareVersion, rxswins, choice, shown };
      return await signedStatement(statementOf(ended), verification.sign);
    } catch (error) {
      log(`statement: ${reasonOf(error)}`);
      return undefined;
    }
  }

  private async *blocks(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const block of blocks) {
      if (this.closed) await never();
      yield block;
    }
  }
}

function phaseOf({ status }: Installation): UpdatePhase {
  if (status === 'checking' || status === 'committing') return 'checking';
  return status === 'falling-back' || status === 'failed' ? 'falling-back' : 'installing';
}

function never(): Promise<never> {
  return new Promise(() => {});
}
