import cdkJson from '../cdk.json' with { type: 'json' };
import { writeArm } from './arm.ts';

process.exitCode = writeArm(process.argv.slice(2), cdkJson.context, {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
});
