import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockName } from '#device-sdk/directory-lock.ts';
import { lockStateDirectory } from '#local/state/lock.ts';

let directory: string;
let other: ChildProcess;
let pid: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fleetloom-lock-'));
  other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
  await once(other, 'spawn');
  pid = other.pid ?? Number.NaN;
});

afterEach(() => {
  other.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

test('a second cloud is kept out of a state directory, and told by whom', () => {
  lockStateDirectory(directory, pid);
  expect(() => lockStateDirectory(directory)).toThrow(`Process ${pid} runs a cloud in ${directory} already.`);
});

test('after kill -9 the next cloud gets the directory', async () => {
  lockStateDirectory(directory, pid);
  other.kill('SIGKILL');
  await once(other, 'exit');
  lockStateDirectory(directory);
});

test('another process that got the number of the former one does not count', () => {
  writeFileSync(join(directory, lockName), `${pid} 1\n`);
  lockStateDirectory(directory);
});

test('a directory that was given free can be had', () => {
  lockStateDirectory(directory, pid)();
  lockStateDirectory(directory);
});

test('half a lock does not count', () => {
  writeFileSync(join(directory, lockName), '');
  lockStateDirectory(directory);
});
