import type { IssuerKey } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { admission, type Presented } from './admission.ts';
import type { BoardClock } from './board-clock.ts';
import type { Challenges } from './challenges.ts';
import type { KeyAnswer } from './key-answer.ts';
import { keyCheck, type Presentation } from './key-check.ts';
import type { SharingMemory } from './sharing-memory.ts';
import type { TripCourse } from './trip-course.ts';

export interface KeyDeskParts {
  readonly memory: SharingMemory;
  readonly clock: BoardClock;
  readonly challenges: Challenges;
  readonly course: TripCourse;
  readonly vehicleId: () => string;
  /** Where the clock is not authenticated: asks the cloud, if it can be reached. */
  readonly askTime: () => Promise<void>;
  /** False while its software is being changed, and where that has left it unsafe. */
  readonly isDrivable: () => boolean;
}

/** Where phones come with their keys: each question is answered once, and each answer is a deed or a reason. */
export class KeyDesk {
  private readonly parts: KeyDeskParts;

  constructor(parts: KeyDeskParts) {
    this.parts = parts;
  }

  async answer(presentation: Presentation): Promise<KeyAnswer> {
    const { challenges, memory, clock, vehicleId } = this.parts;
    const asked = challenges.take(presentation.nonce);
    if (asked !== 'good') {
      return { kind: 'refused', reason: asked, detail: 'The vehicle has not asked that, or not now.' };
    }
    const { issuer, trip } = memory.record;
    if (issuer === undefined) {
      return { kind: 'refused', reason: 'not-in-service', detail: 'The vehicle does not know whom keys come from.' };
    }
    const byPresent = keyCheck(presentation, issuer, vehicleId());
    const isTripOfFormer = trip !== undefined && trip.issuer.kid !== issuer.kid && byPresent.kind === 'refused';
    const presented = isTripOfFormer ? keyCheck(presentation, trip.issuer, vehicleId()) : byPresent;
    if (presented.kind === 'refused') return presented;
    clock.notBefore(presented.token.issuedAt);
    const answer = await this.admitted(presented, issuer);
    clock.keep();
    return answer;
  }

  private async admitted(presented: Presented, issuer: IssuerKey): Promise<KeyAnswer> {
    const { memory, clock, course, askTime, isDrivable } = this.parts;
    if (!clock.now().authenticated) await askTime();
    const verdict = admission(presented, memory.record, clock.now());
    switch (verdict.kind) {
      case 'begin':
        if (!isDrivable()) {
          return { kind: 'refused', reason: 'not-drivable', detail: 'Its software is being changed, or is not whole.' };
        }
        return await course.begin(presented, issuer);
      case 'go-on':
        return await course.goOn(presented, verdict.renewed ? presented.phoneKey : undefined);
      case 'ended-already':
        return { kind: 'done', action: 'end', line: verdict.line };
      case 'refused':
        return verdict;
      default:
        return verdict satisfies never;
    }
  }
}
