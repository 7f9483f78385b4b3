import { afterAll, afterEach } from 'vitest';
import { tidyUp } from './tidying.ts';

// Before each file of tests: hooks that come first are done last.
afterEach(() => tidyUp('test'));
afterAll(() => tidyUp('file'));
