import { z } from 'zod';

const digits = (minimum: number, maximum: number) => z.coerce.number().int().min(minimum).max(maximum);

const functionProperties = z.strictObject({
  FunctionName: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
  Description: z.string().optional(),
  PackageType: z.literal('Zip').optional(),
  Runtime: z.enum(['nodejs22.x', 'nodejs24.x']),
  Architectures: z
    .array(z.enum(['arm64', 'x86_64']))
    .length(1)
    .optional(),
  Handler: z.string().regex(/^[\w/-]+\.\w+$/),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Role: z.string().startsWith('arn:'),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.coerce.string()).optional() }).optional(),
  MemorySize: digits(128, 10_240).default(128),
  Timeout: digits(1, 900).default(3),
  ReservedConcurrentExecutions: digits(0, 1000).optional(),
  TracingConfig: z.strictObject({ Mode: z.enum(['Active', 'PassThrough']) }).optional(),
  LoggingConfig: z
    .strictObject({
      LogFormat: z.enum(['Text', 'JSON']).optional(),
      LogGroup: z.string().optional(),
      ApplicationLogLevel: z.enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']).optional(),
      SystemLogLevel: z.enum(['DEBUG', 'INFO', 'WARN']).optional(),
    })
    .optional(),
  DeadLetterConfig: z
    .strictObject({
      TargetArn: z
        .string()
        .regex(/^arn:aws:sqs:/)
        .optional(),
    })
    .optional(),
  EphemeralStorage: z.strictObject({ Size: digits(512, 10_240) }).optional(),
  RecursiveLoop: z.enum(['Allow', 'Terminate']).optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});

/** A function as the template declares it, with Lambda's defaults filled in. */
export interface FunctionDefinition {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly runtime: string;
  readonly architecture: string;
  readonly handler: string;
  readonly assetDirectory: string;
  readonly roleArn: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  readonly reservedConcurrency: number | undefined;
  readonly tracing: 'Active' | 'PassThrough';
  readonly logFormat: 'Text' | 'JSON';
  readonly logLevel: string | undefined;
  readonly logGroup: string;
  readonly deadLetterArn: string | undefined;
}

/** What the surroundings say about a function that its properties do not. */
export interface FunctionPlace {
  readonly region: string;
  readonly accountId: string;
  readonly defaultName: string;
  assetDirectory(objectKey: string): string;
}

/** Names that Lambda keeps for itself (Lambda developer guide, "Defined runtime environment variables"). */
const reserved =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|AWS_ACCESS_KEY(_ID)?|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR)$/;
const permittedAwsLambda = new Set(['AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING', 'AWS_LAMBDA_EXEC_WRAPPER']);

function checkVariables(variables: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(variables)) {
    if (!/^[a-zA-Z]\w+$/.test(name)) throw new Error(`Environment: ${name} is not a permitted name`);
    if (reserved.test(name) && !permittedAwsLambda.has(name)) {
      throw new Error(`Environment: ${name} is reserved by Lambda`);
    }
  }
  const size = Buffer.byteLength(JSON.stringify(variables));
  if (size > 4096) throw new Error(`Environment: ${size} bytes, Lambda permits 4096`);
}

/** Throws on any property or value that is not understood. */
export function functionDefinition(properties: unknown, place: FunctionPlace): FunctionDefinition {
  const parsed = functionProperties.safeParse(properties);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const given = parsed.data;
  const name = given.FunctionName ?? place.defaultName;
  const variables = given.Environment?.Variables ?? {};
  checkVariables(variables);
  return {
    name,
    arn: `arn:aws:lambda:${place.region}:${place.accountId}:function:${name}`,
    description: given.Description ?? '',
    runtime: given.Runtime,
    architecture: given.Architectures?.[0] ?? 'x86_64',
    handler: given.Handler,
    assetDirectory: place.assetDirectory(given.Code.S3Key),
    roleArn: given.Role,
    variables,
    memoryMegabytes: given.MemorySize,
    timeoutSeconds: given.Timeout,
    reservedConcurrency: given.ReservedConcurrentExecutions,
    tracing: given.TracingConfig?.Mode ?? 'PassThrough',
    logFormat: given.LoggingConfig?.LogFormat ?? 'Text',
    logLevel: given.LoggingConfig?.ApplicationLogLevel,
    logGroup: given.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    deadLetterArn: given.DeadLetterConfig?.TargetArn,
  };
}
