import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { freePort } from '#local/loopback.ts';
import { findEngineBinary } from './engine-binary.ts';

export interface Engine {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** Where the tables are kept. */
  readonly stateDirectory: string;
  /** Called when the engine ends without having been stopped. */
  readonly onDeath: (reason: string) => void;
  readonly log: (line: string) => void;
}

const readyWithinMs = 10_000;

/**
 * `exec` makes the engine the child that we see; the watcher beside it waits for the pipe to us to break, so the
 * engine dies with this process, also when this process is killed with -9.
 */
const underWatch = 'exec 3<&0 </dev/null; (read -r _ <&3; kill -9 $$) >/dev/null 2>&1 & exec "$@" 3<&-';

/** Uses the engine at `DYNAMODB_ENDPOINT`, else starts dynoxide on a free port. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const external = process.env['DYNAMODB_ENDPOINT'];
  if (external !== undefined && external !== '') {
    return { endpoint: external.replace(/\/+$/, ''), stop: async () => {} };
  }
  const binary = findEngineBinary();
  const directory = join(options.stateDirectory, 'dynamo');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'tables.db');
  if (!existsSync(file)) beginWith(file);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return await launch(binary, port, file, options);
    } catch (error) {
      // Another process can take the port between our look and the engine's bind.
      if (attempt === 3) throw error;
    }
  }
}

/** No tables yet, but indexes over the streams: see scripts/empty-tables.py. */
function beginWith(file: string): void {
  const unfinished = `${file}.unfinished`;
  writeFileSync(unfinished, gunzipSync(readFileSync(new URL('empty-tables.db.gz', import.meta.url))));
  renameSync(unfinished, file);
}

async function launch(binary: string, port: number, file: string, options: EngineOptions): Promise<Engine> {
  const command = [binary, 'serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', file];
  const child = spawn('/bin/sh', ['-c', underWatch, 'sh', ...command], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // In a process group of its own: Ctrl-C on the terminal reaches us, and we stop the engine last.
    detached: true,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
    options.log(`dynamodb: ${text.trimEnd()}`);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      child.stdin.destroy(); // lets the watcher go
      resolve(`The DynamoDB engine ended (${signal ?? `exit code ${code}`}). ${complaint.trim()}`);
    });
  });
  await readiness(port, child, ended);
  child.unref();
  let stopping = false;
  void ended.then((reason) => {
    if (!stopping) options.onDeath(reason);
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(hard);
    },
  };
}

async function readiness(port: number, child: ChildProcess, ended: Promise<string>): Promise<void> {
  let death: string | undefined;
  void ended.then((reason) => {
    death = reason;
  });
  const deadline = Date.now() + readyWithinMs;
  while (!(await accepts(port))) {
    if (death !== undefined) throw new Error(death);
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The DynamoDB engine did not open port ${port} within ${readyWithinMs / 1000} s.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (death !== undefined) throw new Error(death);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
