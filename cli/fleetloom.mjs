#!/usr/bin/env node
// TypeScript as it stands, like every other command of this repository.
import { register } from 'tsx/esm/api';

register();
await import('./main.ts');
