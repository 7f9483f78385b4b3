import { certificateTwin } from '../vehicle-cloud/certificate-wish.ts';
import { sharingTwin } from '../vehicle-cloud/sharing-envelopes.ts';
import { otaTwin } from '../vehicle-cloud/update-envelopes.ts';

/** Through these the platform itself speaks with vehicles. */
export const platformTwins: readonly string[] = [certificateTwin, otaTwin, sharingTwin];
