/** Does it with all of them, no more than so many at once. Waits for what has begun before it tells of a failure. */
export async function allAtMost<T>(most: number, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next];
      next += 1;
      if (item !== undefined) await work(item);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(most, items.length) }, worker));
  const broken = results.find((result) => result.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
}
