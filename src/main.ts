// An old Node lacks some of the names. Importing them by name
// would end in a syntax error before the version is checked.
import * as nodeModule from 'node:module';
import { holdLessMemory } from './app/hold-less-memory.js';

holdLessMemory();
// before the program is loaded: its compiled code is kept for the next start
nodeModule.enableCompileCache?.();
const { runProcess } = await import('./app/run-process.js');
await runProcess();
