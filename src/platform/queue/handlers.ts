import { type JobName, jobs } from './jobs.js';
import { type Handler, findJob } from './work.js';

export type Handlers = ReadonlyMap<string, Handler<JobName>>;

/**
 * The handlers by their jobs. @throws Error when a job has no handler
 * or two, or a handler no job: a defect that must stop the boot
 */
export function assertHandlers(handlers: readonly object[]): Handlers {
  const found = new Map<string, Handler<JobName>>();
  const mistakes: string[] = [];
  for (const handler of handlers) {
    const name = findJob(handler.constructor);
    if (!name || !(name in jobs))
      mistakes.push(`${handler.constructor.name} handles no job of the catalogue`);
    else if (found.has(name)) mistakes.push(`job ${name} has two handlers`);
    else found.set(name, handler as Handler<JobName>);
  }
  mistakes.push(
    ...Object.keys(jobs).flatMap((name) => (found.has(name) ? [] : [`job ${name} has no handler`])),
  );
  if (mistakes.length > 0) throw new Error(mistakes.join('; '));
  return found;
}
