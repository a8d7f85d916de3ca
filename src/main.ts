import { runProcess } from './app/run-process.js';

await runProcess();
