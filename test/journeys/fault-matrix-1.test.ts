import { faultMatrix } from '../support/fault-matrix.ts';

faultMatrix(1, 2);
