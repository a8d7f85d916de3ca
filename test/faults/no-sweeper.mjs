// Loaded before the service by the control run: nothing sweeps, and so the checker must fail.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { Sweeper } = await import(
  pathToFileURL(join(process.env.FAULTS_DIST, 'platform/queue/sweeper.js')).href
);
Sweeper.prototype.start = () => undefined;
