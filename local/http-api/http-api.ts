import { randomBytes } from 'node:crypto';
import { AwsError } from '#local/aws-error.ts';
import type { LocalClock } from '#local/clock.ts';
import { type Faults, unlessBrokenOff } from '#local/faults/faults.ts';
import type { LambdaInvoker } from '#local/lambda/invoker.ts';
import { currentSpan, outcome } from '#local/trace/context.ts';
import { vehiclesIn } from '#local/trace/hop-record.ts';
import { apiUnits } from '#local/trace/metering.ts';
import { noTracing, type Tracing } from '#local/trace/traces.ts';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import { type CorsRules, isPreflight, preflightAnswer, withCors } from './cors.ts';
import { answerOf, gatewayAnswer, type HttpAnswer } from './function-response.ts';
import type { JwtAuthorizer } from './jwt-authorizer.ts';
import { type ReceivedRequest, requestEvent } from './request-event.ts';
import { matchRoute, pathOf, type RouteKey, type RouteMatch } from './route-table.ts';

export interface Integration {
  readonly functionArn: string;
  readonly timeoutMilliseconds: number;
}

export interface Route {
  readonly route: RouteKey;
  readonly integration: Integration;
  readonly authorizer: JwtAuthorizer | undefined;
  /** The token needs one of them. */
  readonly scopes: readonly string[];
}

export interface HttpApiOptions {
  readonly region: string;
  readonly accountId: string;
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly lambda: LambdaInvoker;
  readonly tracing?: Tracing;
  readonly log: (line: string) => void;
}

/** Who calls, after the authorizer has spoken. */
type Caller =
  | { readonly claims: Readonly<Record<string, string>>; readonly scopes: readonly string[] | null }
  | undefined;

/** A request of which the body was not read yet. */
export type RequestHead = Omit<ReceivedRequest, 'body'>;

/** One `AWS::ApiGatewayV2::Api` with its routes. */
export class HttpApi {
  readonly apiId: string;
  readonly routes: Route[] = [];
  readonly integrations = new Map<string, Integration>();
  readonly authorizers = new Map<string, JwtAuthorizer>();
  readonly cors: CorsRules | undefined;
  stage: { readonly variables: Readonly<Record<string, string>> | undefined } | undefined;
  readonly #options: HttpApiOptions;

  constructor(apiId: string, cors: CorsRules | undefined, options: HttpApiOptions) {
    this.apiId = apiId;
    this.cors = cors;
    this.#options = options;
  }

  /** Undefined: the request is lost on its way and the connection breaks. `readBody` gives undefined beyond 10 MB. */
  async answer(head: RequestHead, readBody: () => Promise<Buffer | undefined>): Promise<HttpAnswer | undefined> {
    const { origin } = head.headers;
    const { cors } = this;
    if (cors !== undefined && isPreflight(head)) return preflightAnswer(cors, origin);
    const answer = await this.#answer(head, readBody);
    return cors === undefined || answer === undefined ? answer : withCors(cors, origin, answer);
  }

  async #answer(head: RequestHead, readBody: () => Promise<Buffer | undefined>): Promise<HttpAnswer | undefined> {
    const match = matchRoute(this.routes, head.method, head.path);
    if (match === undefined || this.stage === undefined) return gatewayAnswer(404, 'Not Found');
    const caller = await this.#authorize(match.route, head);
    if (caller !== undefined && 'status' in caller) return caller;
    const body = await readBody();
    if (body === undefined) return gatewayAnswer(413, 'Request Entity Too Large');
    const { tracing = noTracing } = this.#options;
    const place = {
      kind: 'api',
      label: routeLabel(head.method, head.path),
      units: { apiRequests: apiUnits(body.length) },
      vehicles: vehiclesIn(head.path),
      requests: [head.requestId],
    } as const;
    const work = () => this.#serve(match, { ...head, body }, caller);
    return tracing.begin(place, work, head.headers['x-amzn-trace-id']);
  }

  async #serve(match: RouteMatch<Route>, received: ReceivedRequest, caller: Caller): Promise<HttpAnswer | undefined> {
    const request = withTraceHeader(received);
    const fate = await this.#options.faults.at('http', match.route.route.key);
    switch (fate.kind) {
      case 'drop':
        return undefined;
      case 'fail':
        this.#options.log(`http: ${match.route.route.key}: ${String(fate.error)}`);
        if (fate.error.name === 'TooManyRequestsException') return gatewayAnswer(429, 'Too Many Requests');
        return gatewayAnswer(500, 'Internal Server Error');
      case 'duplicate':
        await this.#integrate(match, request, caller);
        return this.#integrate(match, request, caller);
      case 'deliver': {
        const answer = await this.#integrate(match, request, caller);
        outcome(String(answer.status));
        return answer;
      }
      default:
        return unlessBrokenOff(fate, () => this.#integrate(match, request, caller));
    }
  }

  async #authorize(route: Route, head: RequestHead): Promise<Caller | HttpAnswer> {
    if (route.authorizer === undefined) return undefined;
    const authorization = await route.authorizer.authorize(head);
    if (authorization.kind === 'refused') {
      return gatewayAnswer(401, 'Unauthorized', { 'www-authenticate': authorization.wwwAuthenticate });
    }
    const { claims, scopes } = authorization;
    if (route.scopes.length === 0) return { claims, scopes: null };
    return route.scopes.some((scope) => scopes.includes(scope)) ? { claims, scopes } : gatewayAnswer(403, 'Forbidden');
  }

  async #integrate(match: RouteMatch<Route>, request: ReceivedRequest, jwt: Caller): Promise<HttpAnswer> {
    const { region, accountId, clock, lambda, log } = this.#options;
    const { integration, route } = match.route;
    const event = requestEvent(request, {
      accountId,
      apiId: this.apiId,
      routeKey: route.key,
      requestId: request.requestId,
      timeEpoch: clock.now(),
      pathParameters: match.pathParameters,
      stageVariables: this.stage?.variables,
      jwt,
    });
    const method = route.segments === undefined ? '' : `${request.method}/`;
    const sourceArn = `arn:aws:execute-api:${region}:${accountId}:${this.apiId}/$default/${method}${pathOf(route)}`;
    const source = { kind: 'service', principal: 'apigateway.amazonaws.com', sourceArn } as const;
    try {
      const result = await within(
        integration.timeoutMilliseconds,
        lambda.invoke(integration.functionArn, event, source),
      );
      if (result === undefined) return gatewayAnswer(503, 'Service Unavailable');
      if (result.kind === 'answered') return answerOf(result.payload);
      log(`http: ${request.method} ${request.path}: ${result.errorType}: ${result.errorMessage}`);
    } catch (error) {
      log(`http: ${request.method} ${request.path}: ${String(error)}`);
      if (error instanceof AwsError && error.name === 'TooManyRequestsException') {
        return gatewayAnswer(503, 'Service Unavailable');
      }
      if (error instanceof AwsError && error.status === 413) return gatewayAnswer(413, 'Request Entity Too Large');
    }
    return gatewayAnswer(500, 'Internal Server Error');
  }
}

/** The path that was asked for, for the route may be `ANY /{proxy+}`; of ids only those of vehicles are kept. */
function routeLabel(method: string, path: string): string {
  const segments = path.split('/').map((segment) => {
    return /^(|v\d+|[a-z]+(-[a-z]+)*|openapi\.json)$/.test(segment) || isVehicleId(segment) ? segment : '{}';
  });
  return `${method} ${segments.join('/')}`;
}

/** API Gateway adds its own where the client sent none, and so the function can tell which trace it belongs to. */
function withTraceHeader(request: ReceivedRequest): ReceivedRequest {
  const header = request.headers['x-amzn-trace-id'] ?? currentSpan()?.rootHeader;
  return header === undefined ? request : { ...request, headers: { ...request.headers, 'x-amzn-trace-id': header } };
}

/** Real time: functions run in real time, whatever the local clock says. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let alarm: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    alarm = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(alarm);
  }
}

/** In API Gateway's form, e.g. `JKJaXmPLvHcESHA=`. */
export function newRequestId(): string {
  return randomBytes(11).toString('base64').replaceAll('+', 'a').replaceAll('/', 'b');
}
