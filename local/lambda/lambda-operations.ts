import { AwsError } from '#local/aws-error.ts';
import type { AwsOperation, AwsRequest, AwsResponse, AwsService } from '#local/gateway/service.ts';
import type { DeployedFunction } from './deployed-function.ts';
import { errorPayload } from './destination-record.ts';
import type { FunctionDefinition } from './function-definition.ts';
import type { LambdaService } from './lambda-service.ts';

const root = '/2015-03-31/functions';

/** Lambda for operators' SDKs: Invoke, GetFunction, GetFunctionConfiguration, ListFunctions. */
export function lambdaAwsService(service: LambdaService, place: { region: string; accountId: string }): AwsService {
  return {
    names: ['lambda'],
    understand(request) {
      const [, given, action] = /^\/2015-03-31\/functions\/([^/]+)(?:\/([\w-]+))?$/.exec(request.path) ?? [];
      if (given === undefined) {
        if (request.method === 'GET' && new RegExp(`^${root}/?$`).test(request.path)) return list(service, request);
        throw notUnderstood(request);
      }
      const prefix = `arn:aws:lambda:${place.region}:${place.accountId}:function:`;
      const name = nameOf(given, request.query.get('Qualifier'), prefix);
      const arn = `${prefix}${name}`;
      // The right is checked before the function is looked up: strangers cannot find out which exist.
      const found = () => service.find(name);
      switch (`${request.method} ${action ?? ''}`) {
        case 'POST invocations':
          return invoke(service, found, arn, request);
        case 'GET ':
          return read('GetFunction', arn, () => ({
            Code: { RepositoryType: 'S3', Location: `file://${found().definition.assetDirectory}` },
            Configuration: configuration(found().definition),
            Tags: {},
          }));
        case 'GET configuration':
          return read('GetFunctionConfiguration', arn, () => configuration(found().definition));
        default:
          throw notUnderstood(request);
      }
    },
  };
}

/** A function has one version here, `$LATEST`; of others, and of other accounts, none is found. */
function nameOf(given: string, qualifier: string | null, prefix: string): string {
  const [, reference = ''] = /^(.*?)(?::\$LATEST)?$/s.exec(decoded(given)) ?? [];
  const name = reference.startsWith(prefix) ? reference.slice(prefix.length) : reference;
  const latest = qualifier === null || qualifier === '$LATEST';
  if (latest && /^[\w-]{1,64}$/.test(name)) return name;
  const wanted = latest ? reference : `${reference}:${qualifier}`;
  throw new AwsError('ResourceNotFoundException', 404, `Function not found: ${wanted}`, { Type: 'User' });
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function notUnderstood(request: AwsRequest): AwsError {
  const message = `The local cloud's Lambda does not understand ${request.method} ${request.path}`;
  return new AwsError('UnknownOperationException', 404, message);
}

function read(name: string, arn: string, body: () => object): AwsOperation {
  return {
    name,
    permissions: [{ action: `lambda:${name}`, resource: arn }],
    run: () => ({ status: 200, body: body() }),
  };
}

function list(service: LambdaService, request: AwsRequest): AwsOperation {
  return {
    name: 'ListFunctions',
    permissions: [{ action: 'lambda:ListFunctions', resource: '*' }],
    run() {
      const limit = Math.min(50, Math.max(1, Number(request.query.get('MaxItems') ?? 50) || 50));
      const marker = request.query.get('Marker') ?? '';
      const after = service
        .functions()
        .map(({ definition }) => definition)
        .filter(({ name }) => name > marker)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const page = after.slice(0, limit);
      const last = page.at(-1);
      const next = after.length > limit && last !== undefined ? { NextMarker: last.name } : {};
      return { status: 200, body: { Functions: page.map(configuration), ...next } };
    },
  };
}

function invoke(service: LambdaService, found: () => DeployedFunction, arn: string, request: AwsRequest): AwsOperation {
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const logType = request.headers['x-amz-log-type'] ?? 'None';
  if (logType !== 'None') {
    throw new AwsError(
      'InvalidParameterValueException',
      400,
      'LogType Tail is not available locally: see the log file',
    );
  }
  const payload = request.body.length === 0 ? '{}' : request.body.toString('utf8');
  checkJson(payload);
  return {
    name: 'Invoke',
    permissions: [{ action: 'lambda:InvokeFunction', resource: arn }],
    async run(): Promise<AwsResponse> {
      const target = found();
      switch (type) {
        case 'DryRun':
          return { status: 204 };
        case 'Event':
          service.acceptLater(target, payload, request.requestId);
          return { status: 202 };
        case 'RequestResponse': {
          const result = await service.invokeAs(target, payload, request.requestId);
          const headers = { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' };
          if (result.kind === 'answered') return { status: 200, headers, body: JSON.stringify(result.payload) };
          return {
            status: 200,
            headers: { ...headers, 'x-amz-function-error': 'Unhandled' },
            body: JSON.stringify(errorPayload(result)),
          };
        }
        default:
          throw new AwsError('InvalidParameterValueException', 400, `InvocationType ${type} is not understood`);
      }
    },
  };
}

function checkJson(payload: string): void {
  try {
    JSON.parse(payload);
  } catch {
    const message = 'Could not parse request body into json';
    throw new AwsError('InvalidRequestContentException', 400, message, { Type: 'User' });
  }
}

function configuration(definition: FunctionDefinition): object {
  return {
    FunctionName: definition.name,
    FunctionArn: definition.arn,
    Description: definition.description,
    Runtime: definition.runtime,
    Role: definition.roleArn,
    Handler: definition.handler,
    Timeout: definition.timeoutSeconds,
    MemorySize: definition.memoryMegabytes,
    Architectures: [definition.architecture],
    Environment: { Variables: definition.variables },
    TracingConfig: { Mode: definition.tracing },
    LoggingConfig: { LogFormat: definition.logFormat, LogGroup: definition.logGroup },
    ...(definition.deadLetterArn === undefined ? {} : { DeadLetterConfig: { TargetArn: definition.deadLetterArn } }),
    PackageType: 'Zip',
    Version: '$LATEST',
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}
