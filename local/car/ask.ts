import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { cloudFilePath } from '#local/cloud-file.ts';
import { type CarAnswer, type CarRequest, carAnswer, carSocket } from '#local/simulator/car.ts';

/** The simulator is not there, or says why not; the message says what to do. */
export class NoAnswer extends Error {}

/** Milliseconds; the longest work is a code or a certificate that the cloud is asked for again and again. */
const patience = 60_000;

/**
 * Asks the simulator of the cloud that keeps its state in this directory.
 *
 * @throws NoAnswer
 */
export async function askCars(
  stateDirectory: string,
  request: CarRequest,
): Promise<Exclude<CarAnswer, { problem: string }>> {
  const answer = carAnswer.safeParse(JSON.parse(await spoken(stateDirectory, request)));
  if (!answer.success) throw new NoAnswer('The simulator is of another version: start the cloud anew.');
  if ('problem' in answer.data) throw new NoAnswer(answer.data.problem);
  return answer.data;
}

function spoken(stateDirectory: string, request: CarRequest): Promise<string> {
  try {
    // An absolute path may be longer than a socket's may be (107 bytes).
    process.chdir(stateDirectory);
  } catch (cause) {
    throw new NoAnswer(nobody(stateDirectory), { cause });
  }
  return new Promise((resolve, reject) => {
    const socket = connect(carSocket, () => socket.write(`${JSON.stringify(request)}\n`));
    socket.setTimeout(patience, () => socket.destroy(new Error(`it has not answered for ${patience / 1000} s`)));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (part) => {
      text += part;
    });
    socket.once('end', () => (text === '' ? reject(new NoAnswer('The simulator ended meanwhile.')) : resolve(text)));
    socket.once('error', (cause) => reject(new NoAnswer(reasonOf(cause, stateDirectory), { cause })));
  });
}

function reasonOf(cause: Error, stateDirectory: string): string {
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return nobody(stateDirectory);
  if (code === 'EACCES') return `The cars of ${stateDirectory} obey only the user who has started them.`;
  return `The simulator of ${stateDirectory} cannot be asked: ${cause.message}`;
}

function nobody(stateDirectory: string): string {
  return existsSync(cloudFilePath(stateDirectory))
    ? `The cloud in ${stateDirectory} runs without simulated cars (--vehicles 0?), or they have ended: start it anew.`
    : `No cloud is running with its state in ${stateDirectory}. Start one with \`npm start\`, or name its directory with --state DIR.`;
}
