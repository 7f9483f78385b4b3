import { logger, metrics, observed } from '../observability.ts';
import { systemClock } from '../wiring/clock.ts';
import { wireRenewal } from '../wiring/renewal.ts';

const { repositories } = wireRenewal();

const day = 24 * 3_600_000;
/** Whoever holds offline keys needs time to come together. */
const notice = 30 * day;

/** Four times a day: the Image repository's Snapshot and Timestamp get a later expiry before theirs comes. */
export const handler = observed(async () => {
  const state = await repositories.renew();
  const offline = state === undefined ? [] : Object.entries({ root: state.root, ...state.targets });
  const expiring = offline.filter(([, { expiresAt }]) => expiresAt - systemClock.now() < notice).map(([role]) => role);
  metrics.addMetric('MetadataExpiring', 'Count', expiring.length);
  logger.info('repository renewed', {
    revision: state?.revision,
    timestamp: state?.online?.timestamp.meta.version,
    expiring,
  });
});
