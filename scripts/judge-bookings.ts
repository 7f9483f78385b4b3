import { readHistory } from '../test/support/bookings/history.ts';
import { judge } from '../test/support/bookings/judge.ts';

// npx tsx scripts/judge-bookings.ts <history.jsonl>: what the history proves to be wrong (docs/booking-history.md).

const [, , file] = process.argv;
if (file === undefined) {
  process.stderr.write('npx tsx scripts/judge-bookings.ts <history.jsonl>\n');
  process.exitCode = 2;
} else {
  const findings = judge(readHistory(file));
  for (const finding of findings) process.stdout.write(`${JSON.stringify(finding)}\n`);
  if (findings.length > 0) process.exitCode = 1;
}
