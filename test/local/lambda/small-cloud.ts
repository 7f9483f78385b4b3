import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Faults, noFaults } from '#local/faults/faults.ts';
import type { QueueMessage } from '#local/lambda/destination-record.ts';
import { lambdaResourceTypes } from '#local/lambda/function-resources.ts';
import { LambdaService } from '#local/lambda/lambda-service.ts';
import { State } from '#local/state/collection.ts';
import type { Provisioned, ResourceScope } from '#local/template/resource-type.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const rule = {
  kind: 'service',
  principal: 'iot.amazonaws.com',
  sourceArn: 'arn:aws:iot:eu-central-1:000000000000:rule/replied',
} as const;

export interface Sent extends QueueMessage {
  readonly roleArn: string;
}

/** Lambda with functions bundled on the spot, and nothing else of the cloud. */
export class SmallCloud {
  readonly directory: string;
  readonly clock: ManualClock;
  readonly lines: string[] = [];
  readonly sent: Sent[] = [];
  faults: Faults = noFaults;
  refuseRoles = false;
  refuseSending = false;
  lambda: LambdaService;
  state: State;

  static async start(
    directory = mkdtempSync(join(tmpdir(), 'lambda-')),
    clock = new ManualClock(Date.UTC(2026, 0, 15, 12)),
  ): Promise<SmallCloud> {
    const state = new State(join(directory, 'state'));
    const cloud: SmallCloud = new SmallCloud(directory, clock, state);
    cloud.lambda = await LambdaService.open({
      accountId: '000000000000',
      clock,
      idleClock: clock,
      state,
      faults: { at: (hop, label) => cloud.faults.at(hop, label) },
      log: (line) => cloud.lines.push(line),
      endpoint: () => 'http://127.0.0.1:4566',
      roles: {
        issueKey: (roleArn) => ({ accessKeyId: `AKIA-${roleArn}`, secretAccessKey: 'secret', sessionToken: 'token' }),
        canAssume: (_roleArn, service) => !cloud.refuseRoles && service === 'lambda.amazonaws.com',
      },
      sendToQueue(roleArn, message) {
        if (cloud.refuseSending) throw new Error('AccessDenied: sqs:SendMessage');
        cloud.sent.push({ ...message, roleArn });
      },
    });
    return cloud;
  }

  private constructor(directory: string, clock: ManualClock, state: State) {
    this.directory = directory;
    this.clock = clock;
    this.state = state;
    this.lambda = Object.create(null);
  }

  scope(logicalId: string): ResourceScope {
    return {
      region: 'eu-central-1',
      accountId: '000000000000',
      stackName: 'Test',
      logicalId,
      physicalName: logicalId,
      assemblyDirectory: this.directory,
      metadata: {},
    };
  }

  async create(type: string, logicalId: string, properties: Readonly<Record<string, unknown>>): Promise<Provisioned> {
    const types = lambdaResourceTypes(this.lambda, (assembly, key) => join(assembly, 'assets', key));
    const found = types.find((each) => each.type === type);
    if (found === undefined) throw new Error(`no type ${type}`);
    return found.create(properties, this.scope(logicalId));
  }

  /** Bundles the code of a handler and deploys it. Returns the function's ARN. */
  async deploy(name: string, code: string, properties: Readonly<Record<string, unknown>> = {}): Promise<string> {
    await this.bundle(name, code);
    const { attributes } = await this.create('AWS::Lambda::Function', name, {
      Code: { S3Bucket: 'assets', S3Key: name },
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: `arn:aws:iam::000000000000:role/${name}`,
      ...properties,
    });
    return String(attributes['Arn']);
  }

  permit(name: string, properties: Readonly<Record<string, unknown>> = {}): Promise<Provisioned> {
    return this.create('AWS::Lambda::Permission', `${name}-permission`, {
      Action: 'lambda:InvokeFunction',
      FunctionName: name,
      Principal: 'iot.amazonaws.com',
      ...properties,
    });
  }

  async bundle(name: string, code: string): Promise<void> {
    const directory = join(this.directory, 'assets', name);
    mkdirSync(directory, { recursive: true });
    await build({
      stdin: { contents: code, loader: 'ts', resolveDir: import.meta.dirname },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile: join(directory, 'index.mjs'),
      logLevel: 'silent',
    });
  }

  /** As after a crash: nothing is told to anybody, the files stay. */
  async restart(): Promise<SmallCloud> {
    await this.stop();
    return SmallCloud.start(this.directory, this.clock);
  }

  async stop(): Promise<void> {
    await this.lambda.close();
    this.state.close();
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
