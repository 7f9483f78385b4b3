/** What is to be done, newest first, when a test or a file of tests is over. */
type Work = () => void;
const after: Record<'test' | 'file', Work[]> = { test: [], file: [] };

/**
 * Files of tests share a process and its modules. A hook that a module registers while it is loaded would belong
 * to the first file that loads it; what is left to do is told here instead, and done for every file.
 */
export function afterThisTest(work: Work): void {
  after.test.push(work);
}

/** As {@link afterThisTest}, when all tests of the file, and their own hooks, are done. */
export function afterThisFile(work: Work): void {
  after.file.push(work);
}

/** Does what was left to do. */
export function tidyUp(what: 'test' | 'file'): void {
  for (const work of after[what].splice(0).reverse()) work();
}
