import { AwsError } from '#local/aws-error.ts';
import type { AwsOperation, AwsResponse, AwsService } from '#local/gateway/service.ts';
import type { DevicePolicies } from '../../data-plane/data-plane.ts';
import type { DeviceCaller } from '../../policy/caller-variables.ts';
import type { Arns } from '../../registry/arns.ts';
import { invalidRequest } from '../../registry/errors.ts';
import { answer, type RestCall, type RestRequest, type Route, understandRest } from '../../registry/rest.ts';
import { thingNamePattern } from '../../shadows/shadow-topics.ts';
import type { Answer, DeviceOperations } from '../device-operations.ts';
import { type Asked, bodyOf, understood } from '../device-request.ts';
import { JobsRejection, type RejectionCode } from '../rejection.ts';

const errors: Readonly<Record<RejectionCode, readonly [name: string, status: number]>> = {
  InvalidTopic: ['InvalidRequestException', 400],
  InvalidJson: ['InvalidRequestException', 400],
  InvalidRequest: ['InvalidRequestException', 400],
  InvalidStateTransition: ['InvalidStateTransitionException', 409],
  VersionMismatch: ['InvalidStateTransitionException', 409],
  ResourceNotFound: ['ResourceNotFoundException', 404],
  TerminalStateReached: ['TerminalStateException', 410],
  InternalError: ['InternalServerException', 500],
};

const jobsPath = '/things/{thingName}/jobs';

/** The AWS service `iot-jobs-data`, for AWS identities and for devices that call over HTTPS with their certificate. */
export class JobsDataPlane implements AwsService {
  readonly names = ['iot-jobs-data'];
  readonly denial = 'ForbiddenException';
  readonly #operations: DeviceOperations;
  readonly #arns: Arns;
  readonly #devicePolicies: DevicePolicies;
  readonly #routes: readonly Route[];

  constructor(operations: DeviceOperations, arns: Arns, devicePolicies: DevicePolicies) {
    this.#operations = operations;
    this.#arns = arns;
    this.#devicePolicies = devicePolicies;
    this.#routes = [
      this.#route('GetPendingJobExecutions', 'GET', jobsPath, () => [{ kind: 'get-pending' }, {}]),
      this.#route('StartNextPendingJobExecution', 'PUT', `${jobsPath}/{jobId}`, (call) => {
        if (call.parameter('jobId') !== '$next') throw invalidRequest('Only $next can be started.');
        return [{ kind: 'start-next' }, bodyOf(call.body)];
      }),
      this.#route('DescribeJobExecution', 'GET', `${jobsPath}/{jobId}`, (call) => {
        const includeJobDocument = call.query('includeJobDocument') === undefined || call.flag('includeJobDocument');
        const executionNumber = call.integer('executionNumber', 0, Number.MAX_SAFE_INTEGER);
        return [
          { kind: 'describe', jobId: call.parameter('jobId') },
          { includeJobDocument, executionNumber },
        ];
      }),
      this.#route('UpdateJobExecution', 'POST', `${jobsPath}/{jobId}`, (call) => [
        { kind: 'update', jobId: call.parameter('jobId') },
        bodyOf(call.body),
      ]),
    ];
  }

  understand(request: RestRequest): AwsOperation {
    return understandRest(this.#routes, 'iot-jobs-data', request);
  }

  /** Whether a device that calls with its certificate means this service. */
  static isMeant({ path }: RestRequest): boolean {
    return /^\/things\/[^/]+\/jobs(\/|$)/.test(path);
  }

  /** Serves a device on the HTTPS port; its certificate's IoT policies decide. Throws `AwsError`. */
  async handleDeviceRequest(request: RestRequest, caller: DeviceCaller): Promise<AwsResponse> {
    const { permissions, run } = this.understand(request);
    if (!permissions.every(({ action, resource }) => this.#devicePolicies.allows(caller, action, resource))) {
      throw new AwsError('ForbiddenException', 403, 'Forbidden');
    }
    return run();
  }

  #route(
    name: string,
    method: Route['method'],
    path: string,
    asked: (call: RestCall) => readonly [Asked, Readonly<Record<string, unknown>>],
  ): Route {
    return {
      name,
      method,
      path,
      query: name === 'DescribeJobExecution' ? ['includeJobDocument', 'executionNumber'] : [],
      understand: (call) => {
        const thingName = call.parameter('thingName');
        if (!thingNamePattern.test(thingName)) throw invalidRequest(`"${thingName}" is no valid thing name.`);
        const request = translated(() => understood(...asked(call)));
        return {
          permissions: [{ action: `iotjobsdata:${name}`, resource: this.#arns.thing(thingName) }],
          run: () => {
            let body: Answer = {};
            const keep = (told: Answer) => {
              body = told;
            };
            translated(() => this.#operations.serve(thingName, request, 'text', keep));
            return answer(body);
          },
        };
      },
    };
  }
}

function translated<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof JobsRejection)) throw error;
    throw new AwsError(...errors[error.code], error.message);
  }
}
