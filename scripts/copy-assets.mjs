// Copies what `nest build` leaves out: files that are read at run time and are not TypeScript.
import { cp, glob } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const assets = ['platform/database/sql/**/*.sql', 'features/answers/finding/weights.json'];

for (const pattern of assets) {
  for await (const file of glob(pattern, { cwd: join(root, 'src') }))
    await cp(join(root, 'src', file), join(root, 'dist', file));
}

// The console offers them to an empty service.
await cp(join(root, 'samples'), join(root, 'dist/features/console/samples'), { recursive: true });
