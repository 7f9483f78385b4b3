import { AwsError } from '#local/aws-error.ts';
import { type Fate, unlessBrokenOff } from '#local/faults/faults.ts';
import { throttlingErrors } from '#local/faults/known-errors.ts';
import type { LocalIotHub } from '../hub/hub.ts';
import { HubError, isHubErrorCode } from '../hub/hub-error.ts';
import { authorize, type VerifyBearer } from './authorization.ts';
import { type HubAnswer, type HubRequest, parametersOf, type Route } from './route.ts';
import { configurationRoutes } from './routes/configurations.ts';
import { deviceboundRoutes } from './routes/devicebound.ts';
import { identityRoutes } from './routes/identities.ts';
import { jobRoutes } from './routes/jobs.ts';
import { methodRoutes } from './routes/methods.ts';
import { queryRoutes } from './routes/queries.ts';
import { twinRoutes } from './routes/twins.ts';

/** The connection breaks, and nobody answers. */
export class Unanswered extends Error {}

export interface ServiceApiOptions {
  readonly hub: LocalIotHub;
  readonly verifyBearer?: VerifyBearer | undefined;
}

/** What a fault rule makes the hub say. */
class InjectedError extends Error {
  readonly status: number;
  readonly code: string;

  constructor({ name, status, message }: AwsError) {
    super(message);
    this.code = name;
    this.status = status;
  }
}

/** The REST API that `azure-iothub` speaks. */
export class ServiceApi {
  readonly #hub: LocalIotHub;
  readonly #verifyBearer: VerifyBearer | undefined;
  readonly #routes: readonly Route[];

  constructor({ hub, verifyBearer }: ServiceApiOptions) {
    this.#hub = hub;
    this.#verifyBearer = verifyBearer;
    this.#routes = [
      ...identityRoutes(hub),
      ...twinRoutes(hub),
      ...methodRoutes(hub),
      ...deviceboundRoutes(hub),
      ...queryRoutes(hub),
      ...jobRoutes(hub),
      ...configurationRoutes(hub),
    ];
  }

  /** @throws Unanswered, BrokenOff by a fault; what goes wrong otherwise is in the answer */
  async serve(asked: Omit<HubRequest, 'parameters'>): Promise<HubAnswer> {
    const answer = await this.#answer(asked);
    // Devices take the time of the hub from here.
    return { ...answer, headers: { date: new Date(this.#hub.clock.now()).toUTCString(), ...answer.headers } };
  }

  async #answer(asked: Omit<HubRequest, 'parameters'>): Promise<HubAnswer> {
    const found = this.#route(asked);
    try {
      if (found === undefined) throw new HubError('ResourceNotFound', `There is no ${asked.method} ${asked.path}`);
      requireVersion(asked.query);
      return await this.#run(found.route, { ...asked, parameters: found.parameters });
    } catch (error) {
      return errorAnswer(error, found?.route);
    }
  }

  #route(asked: Omit<HubRequest, 'parameters'>) {
    for (const route of this.#routes) {
      const parameters = route.method === asked.method ? parametersOf(route.path, asked.path) : undefined;
      if (parameters !== undefined) return { route, parameters };
    }
    return undefined;
  }

  async #run(route: Route, request: HubRequest): Promise<HubAnswer> {
    const { policies, hostNames } = this.#hub;
    const authorization = { policies, hostNames, verifyBearer: this.#verifyBearer };
    await authorize(authorization, request.headers['authorization'], request.path, route.right);
    const fate = await this.#hub.faults.at('hub', `${route.operation}/${request.parameters['deviceId'] ?? ''}`);
    requirePassage(fate);
    return unlessBrokenOff(fate, async () => {
      if (route.load !== undefined) this.#hub.throttle.take(route.load);
      const answer = await route.run(request);
      return fate.kind === 'duplicate' ? route.run(request) : answer;
    });
  }
}

function requirePassage(fate: Fate): void {
  if (fate.kind === 'drop') throw new Unanswered('The request was dropped by a fault.');
  if (fate.kind !== 'fail') return;
  const { error } = fate;
  if (throttlingErrors.has(error.name)) throw new HubError('ThrottlingException', error.message, { retryAfter: 1 });
  if (isHubErrorCode(error.name)) throw new HubError(error.name, error.message);
  if (error instanceof AwsError) throw new InjectedError(error);
  throw error;
}

function requireVersion(query: URLSearchParams): void {
  const version = query.get('api-version');
  if (version !== null && /^20\d\d-\d\d-\d\d(-preview)?$/.test(version)) return;
  throw new HubError('InvalidProtocolVersion', `api-version: "${version ?? ''}" is none, for instance 2021-04-12`);
}

function errorAnswer(error: unknown, route: Route | undefined): HubAnswer {
  if (error instanceof InjectedError) {
    const body = { Message: `ErrorCode:${error.code};${error.message}`, ExceptionMessage: 'Tracking ID:injected' };
    return { status: error.status, body, headers: { 'iothub-errorcode': error.code } };
  }
  if (!(error instanceof HubError)) throw error;
  const { status, code, message, trackingId, retryAfter } = error;
  const usual = {
    Message: `ErrorCode:${code};${message}`,
    ExceptionMessage: `Tracking ID:${trackingId}-G:0-TimeStamp:${new Date().toISOString()}`,
  };
  return {
    status,
    body: route?.errorBody?.(error) ?? usual,
    headers: { 'iothub-errorcode': code, ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }) },
  };
}
