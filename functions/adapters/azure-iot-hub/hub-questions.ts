import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { Home } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { TwinRepository } from '#shared/twins/twin-repository.ts';
import type { DeviceMessages } from '#shared/vehicle-cloud/device-messages.ts';
import { failureIn, type HubAnswer, type HubQuestion, hubAnswer } from './hub-calls.ts';
import type { HubErasure } from './hub-cloud.ts';
import { HubLine } from './hub-line.ts';

/** What somebody waits for, and a command for whose outcome nobody does: asked of the one function that speaks with hubs. */
export class HubQuestions {
  readonly #line: HubLine;

  constructor(client: LambdaClient, functionName: string) {
    this.#line = new HubLine(client, functionName);
  }

  readonly twins = (home: Home): TwinRepository => ({
    load: async (vehicleId, name) => {
      const { twin } = await this.#ask({ kind: 'twin', ...at(home), vehicleId, name }, 'twin');
      return twin ?? undefined;
    },
    patchDesired: async (vehicleId, name, patch, seenRevision) => {
      const seen = seenRevision !== undefined && { seenRevision };
      return (await this.#ask({ kind: 'patch', ...at(home), vehicleId, name, patch, ...seen }, 'patched')).done;
    },
  });

  readonly messages = (home: Home): DeviceMessages => ({
    send: async (vehicleId, message) => {
      const question = { kind: 'message', ...at(home), vehicleId, message: { ...message } } as const;
      if (message.replyWithin === undefined) {
        await this.#line.tell(question);
        return {};
      }
      const { reply } = await this.#ask(question, 'handed');
      return reply === undefined ? {} : { reply };
    },
  });

  readonly erasure = (home: Home['name']): HubErasure => ({
    find: async (vehicleId: VehicleId, what, after) => {
      const from = after !== undefined && { after };
      const { keys, next } = await this.#ask({ kind: 'erasure-find', home, vehicleId, what, ...from }, 'found');
      return { keys, ...(next !== undefined && { next }) };
    },
    erase: async (vehicleId: VehicleId, what, keys) => {
      await this.#ask({ kind: 'erase', home, vehicleId, what, keys: [...keys] }, 'erased');
    },
  });

  async #ask<Kind extends HubAnswer['kind']>(question: HubQuestion, kind: Kind) {
    const answer = hubAnswer.parse(await this.#line.ask(question));
    if (answer.kind === 'failed') throw failureIn(answer);
    if (!isOf(answer, kind)) throw new Error(`Asked for ${kind}, and got ${answer.kind}`);
    return answer;
  }
}

function isOf<Kind extends HubAnswer['kind']>(
  answer: HubAnswer,
  kind: Kind,
): answer is Extract<HubAnswer, { kind: Kind }> {
  return answer.kind === kind;
}

function at({ name, epoch }: Home) {
  return { home: name, epoch };
}
