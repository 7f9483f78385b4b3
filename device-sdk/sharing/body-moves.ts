import { reasonOf } from '../host.ts';
import { NotDone } from './key-answer.ts';
import { isMoving, type SharedBody } from './shared-body.ts';

/** What is done to the body, each deed done or named as not done. */
export class BodyMoves {
  private readonly body: SharedBody;

  constructor(body: SharedBody) {
    this.body = body;
  }

  /** @throws NotDone, as all of them */
  unlock(): Promise<void> {
    return done(() => this.body.unlock());
  }

  enable(): Promise<void> {
    return done(() => this.body.enable());
  }

  /** Immobilised, then locked; neither in motion, and it may have begun to roll since the last look. */
  async secure(refusal: 'cannot-pause' | 'cannot-end'): Promise<void> {
    const { body } = this;
    for (const step of [() => body.immobilise(), () => body.lock()]) {
      if (isMoving(body.conditions())) throw new NotDone(refusal, 'in-motion', ['in-motion']);
      await done(step);
    }
  }
}

async function done(step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    throw new NotDone('body-failed', reasonOf(error));
  }
}
