import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type CarAnswer, CarProblem, type CarRequest, carRequest } from './car.ts';

/**
 * Lets programs of the same user ask for things at a Unix socket: a line of JSON in, a line of JSON out.
 *
 * @param path at most 107 bytes long (`sun_path` of unix(7)): relative, where it could be longer
 * @returns what ends it, and takes the socket away
 */
export async function listen(path: string, asked: (request: CarRequest) => Promise<CarAnswer>): Promise<() => void> {
  const server: Server = createServer((socket) => converse(socket, asked));
  rmSync(path, { force: true }); // of one that was killed
  const others = process.umask(0o177);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  }).finally(() => process.umask(others));
  return () => void server.close();
}

function converse(socket: Socket, asked: (request: CarRequest) => Promise<CarAnswer>): void {
  socket.on('error', () => {}); // who does not wait for the answer
  createInterface({ input: socket }).once('line', async (line) => {
    socket.end(`${JSON.stringify(await answered(line, asked))}\n`);
  });
}

async function answered(line: string, asked: (request: CarRequest) => Promise<CarAnswer>): Promise<CarAnswer> {
  try {
    return await asked(carRequest.parse(JSON.parse(line)));
  } catch (error) {
    if (error instanceof CarProblem) return { problem: error.message };
    return { problem: `That did not work: ${error instanceof Error ? error.message : String(error)}` };
  }
}
