import { faultMatrix } from '../support/fault-matrix.ts';

faultMatrix(2, 2);
