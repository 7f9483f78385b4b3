import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { CommandChannel } from '#shared/commands/command-channel.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { Home } from '#shared/registry/home.ts';
import type { HomeCloud } from '#shared/registry/move-ports.ts';
import { certificatesOf, type Vehicle } from '#shared/registry/vehicle.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { TwinRepository } from '#shared/twins/twin-repository.ts';
import { type HomeNotice, homeTwin } from '#shared/vehicle-cloud/home-notice.ts';
import { certificateIdOf } from '../../device-certificate.ts';
import { CommandMessages } from '../channels/command-messages.ts';
import { failureIn } from './hub-calls.ts';
import { type HomeAnswer, type HomeQuestion, homeAnswer } from './hub-home-calls.ts';
import { HubLine } from './hub-line.ts';
import { HubQuestions } from './hub-questions.ts';

/** A hub, under one epoch of a vehicle's, by the function that speaks with it. */
export class HubHomeCloud implements HomeCloud {
  readonly twins: TwinRepository;
  readonly commands: CommandChannel;
  readonly #home: Home;
  readonly #line: HubLine;

  constructor(home: Home, client: LambdaClient, functionName: string) {
    const questions = new HubQuestions(client, functionName);
    this.#home = home;
    this.#line = new HubLine(client, functionName);
    this.twins = questions.twins(home);
    this.commands = new CommandMessages(questions.messages(home));
  }

  async twinNames(vehicleId: VehicleId): Promise<readonly string[]> {
    return (await this.#ask({ kind: 'twin-names', ...this.#at(vehicleId) }, 'names')).names;
  }

  /** A hub keeps none: the vehicle reports it. */
  async certificateOf({ vehicleId, lifeCycle }: Vehicle): Promise<string> {
    const [own] = certificatesOf(lifeCycle);
    const pem = (await this.twins.load(vehicleId, homeTwin))?.reported['certificatePem'];
    if (typeof pem === 'string' && own !== undefined && certificateIdOf(pem) === own.certificateId) return pem;
    throw new Failure('unavailable', 'certificate-unknown', 'The vehicle has not said yet what it connects with.', {
      retryAfter: 60,
    });
  }

  async letIn({ vehicleId, brand, market }: Vehicle, certificatePem: string): Promise<void> {
    const thumbprint = certificateIdOf(certificatePem);
    if (thumbprint === undefined) throw new Error('This is no certificate');
    await this.#ask({ kind: 'let-in', ...this.#at(vehicleId), brand, market, thumbprint }, 'done');
  }

  async notice(): Promise<HomeNotice> {
    const { host } = await this.#ask({ kind: 'endpoint', home: this.#home.name }, 'endpoint');
    return { ...this.#home, dialect: 'azure-iot-hub', endpoint: host };
  }

  async shutOut(vehicleId: VehicleId): Promise<void> {
    await this.#ask({ kind: 'shut-out', ...this.#at(vehicleId) }, 'done');
  }

  async forget(vehicleId: VehicleId): Promise<void> {
    await this.#ask({ kind: 'forget', ...this.#at(vehicleId) }, 'done');
  }

  #at(vehicleId: VehicleId) {
    return { home: this.#home.name, epoch: this.#home.epoch, vehicleId };
  }

  async #ask<Kind extends HomeAnswer['kind']>(question: HomeQuestion, kind: Kind) {
    const answer = homeAnswer.parse(await this.#line.ask(question));
    if (answer.kind === 'failed') throw failureIn(answer);
    if (!isOf(answer, kind)) throw new Error(`Asked for ${kind}, and got ${answer.kind}`);
    return answer;
  }
}

function isOf<Kind extends HomeAnswer['kind']>(
  answer: HomeAnswer,
  kind: Kind,
): answer is Extract<HomeAnswer, { kind: Kind }> {
  return answer.kind === kind;
}
