/** Waits until the condition holds; a test that waits in vain says so. */
export async function waitFor(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('Waited in vain.');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
