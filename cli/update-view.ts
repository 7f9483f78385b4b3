import * as z from 'zod';
import { moment } from './moment.ts';
import { readable } from './progress.ts';

const happening = z.looseObject({
  at: z.string(),
  what: z.string(),
  by: z.string().optional(),
  phase: z.string().optional(),
  error: z.string().optional(),
  safety: z.string().optional(),
  reason: z.string().optional(),
  times: z.number().optional(),
});

/** One vehicle's update as the API shows it; what is new there passes through to `--json`. */
export const update = z.looseObject({
  campaignId: z.string(),
  releaseId: z.string(),
  softwareVersion: z.string(),
  status: z.string(),
  attempt: z.number(),
  phase: z.string().optional(),
  percent: z.number().optional(),
  error: z.string().optional(),
  retryAt: z.string().optional(),
  safety: z.string().optional(),
  detail: z.string().optional(),
  changedAt: z.string(),
  story: z.array(happening),
  offer: z
    .looseObject({
      texts: z.record(z.string(), z.looseObject({ title: z.string() })),
      minutes: z.number(),
      bytes: z.number(),
      preconditions: z.array(z.looseObject({ kind: z.string(), percent: z.number().optional() })),
      state: z.looseObject({ status: z.string(), remindAt: z.string().optional(), from: z.string().optional() }),
    })
    .optional(),
});
type Update = z.infer<typeof update>;

/** What somebody reads of it: where it stands, what its driver is shown, and how it came to that. */
export function told(it: Update): readonly string[] {
  const { campaignId, softwareVersion, status, phase, percent, error, detail, safety, retryAt, changedAt } = it;
  const course = phase === undefined ? '' : `, ${phase} ${percent ?? 0} %`;
  const why = error === undefined ? '' : `: ${error}${detail === undefined ? '' : `, ${detail}`}`;
  const then = retryAt === undefined ? '' : `, tried again at ${moment(retryAt)}`;
  const tries = hasFailed(it) ? `, attempt ${it.attempt}` : '';
  return [
    `${campaignId}  ${softwareVersion}  ${status}${course}${tries}${why}${then}`,
    `  since     ${moment(changedAt)}`,
    ...(safety === undefined ? [] : [`  safety    ${safety}`]),
    ...offerLines(it),
    ...it.story.map((one, place) => `  ${(place === 0 ? 'story' : '').padEnd(10)}${moment(one.at)}  ${happened(one)}`),
  ];
}

/** The vehicle counts consents that were taken back too: those are no failures. */
function hasFailed({ attempt, story }: Update): boolean {
  return attempt > 1 && story.some(({ what }) => what === 'failed' || what === 'more');
}

function happened({ what, by, phase, error, safety, reason, times }: z.infer<typeof happening>): string {
  if (what === 'more') return `… ${times ?? 0} moments more`;
  if (what === 'phase') return phase ?? what;
  const how = [error, safety, reason].filter((word) => word !== undefined).join(', ');
  return `${what}${by === undefined ? '' : ` by ${by}`}${how === '' ? '' : `: ${how}`}`;
}

function offerLines({ offer }: Update): readonly string[] {
  if (offer === undefined) return [];
  const { texts, minutes, bytes, preconditions, state } = offer;
  const title = (texts['en'] ?? Object.values(texts)[0])?.title ?? '';
  const needs = preconditions.map(({ kind, percent }) => (percent === undefined ? kind : `${kind} ${percent} %`));
  const { remindAt, from } = state;
  const when = remindAt === undefined ? '' : `, reminded at ${moment(remindAt)}`;
  const begins = from === undefined ? '' : `, from ${moment(from)} on`;
  return [
    `  offer     ${title}: ${readable(bytes)}, ${minutes} min${needs.length === 0 ? '' : `, wants ${needs.join(', ')}`}`,
    `  decision  ${state.status}${when}${begins}`,
  ];
}
