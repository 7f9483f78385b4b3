/** Milliseconds that a hub may take over what is no message for a vehicle: the SDK itself would wait for ever. */
const patience = 8_000;

/** @throws Error where no answer came in time; what was asked for may have been done all the same */
export async function inTime<T>(call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patience / 1000} s`)), patience);
  });
  // Whoever is too late is heard by nobody.
  call.catch(() => {});
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
