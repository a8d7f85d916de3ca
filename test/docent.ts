// The command line from its sources, for tests that start it as a process.
import { main } from '../src/app/cli/main.js';

await main();
