import type { FunctionDefinition } from './function-definition.ts';

/** The key with which a function signs its AWS calls; the gateway finds the role by it. */
export interface RoleKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/**
 * Lambda's environment and nothing of the host's. Variables of the template cannot override it, nor lead a
 * function to AWS: whatever endpoint the deployment names, here there is one.
 */
export function workerEnvironment(
  definition: FunctionDefinition,
  key: RoleKey,
  endpoint: string,
  logStream: string,
): Record<string, string> {
  const region = definition.arn.split(':')[3] ?? '';
  const variables = Object.entries(definition.variables).filter(([name]) => !name.startsWith('AWS_ENDPOINT_URL'));
  return {
    ...Object.fromEntries(variables),
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${definition.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_LAMBDA_LOG_FORMAT: definition.logFormat,
    ...(definition.logLevel === undefined ? {} : { AWS_LAMBDA_LOG_LEVEL: definition.logLevel }),
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    ...(key.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: key.sessionToken }),
    _HANDLER: definition.handler,
    LAMBDA_TASK_ROOT: definition.assetDirectory,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LANG: 'en_US.UTF-8',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    TZ: ':UTC',
  };
}
