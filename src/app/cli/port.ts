import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * The code of the error that keeps a process from listening
 * there, e.g. `EADDRINUSE`; null where nothing does.
 */
export async function obstacleAt(host: string, port: number): Promise<string | null> {
  const probe = createServer().listen(port, host);
  try {
    await once(probe, 'listening');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
  probe.close();
  await once(probe, 'close');
  return null;
}
