import { ResourceNotFoundException } from '@aws-sdk/client-iot';
import { ResourceNotFoundException as NotInDataPlane } from '@aws-sdk/client-iot-data-plane';

/** Undefined where AWS IoT knows nothing of what it was asked for. */
export async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ResourceNotFoundException || error instanceof NotInDataPlane) return undefined;
    throw error;
  }
}
