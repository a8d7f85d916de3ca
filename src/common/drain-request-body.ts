import type { IncomingMessage } from 'node:http';

/** Longer than sending any refused body takes. A slower client gets the answer while it still sends. */
const patienceMs = 10_000;
/** A client that has sent nothing for so long is waiting for the answer. */
const silenceMs = 500;

/**
 * Reads and drops the rest of a request body. A client that is answered in the middle of its body often gets
 * a broken pipe instead of the answer.
 */
export function dropRest(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(done, patienceMs);
    const silence = setTimeout(done, silenceMs);
    const heard = (): void => void silence.refresh();
    const endings = ['end', 'close', 'error'];
    function done(): void {
      clearTimeout(patience);
      clearTimeout(silence);
      request.off('data', heard);
      for (const event of endings) request.off(event, done);
      request.resume();
      resolve();
    }
    for (const event of endings) request.once(event, done);
    request.unpipe();
    request.on('data', heard);
    request.resume();
  });
}
