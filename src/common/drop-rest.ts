import type { IncomingMessage } from 'node:http';

/** Longer than it takes to send any body that is refused; who is slower is told while it is still sending. */
const patienceMs = 10_000;

/**
 * Reads and drops what a client is still sending. Answered in the middle of its body it would often meet a broken pipe instead of the answer.
 */
export function dropRest(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, patienceMs);
    function done(): void {
      clearTimeout(timer);
      for (const event of ['end', 'close', 'error']) request.off(event, done);
      resolve();
    }
    for (const event of ['end', 'close', 'error']) request.once(event, done);
    request.unpipe();
    request.resume();
  });
}
