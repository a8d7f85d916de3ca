import { Problem, type RejectedFile } from '../../common/errors.js';

export type Rejection = RejectedFile & { problem: Problem };

/**
 * A file's own fault as its entry in `rejected`.
 * @param path its place in the archive that held it, the archive's name included
 * @throws the error itself when it is the server's fault
 */
export function makeRejection(filename: string, error: unknown, path?: string): Rejection {
  if (!(error instanceof Problem) || error.status >= 500) throw error;
  return {
    filename: filename.slice(0, 255),
    ...(path !== undefined && { path: path.slice(0, 1500) }),
    code: error.code,
    detail: error.detail,
    problem: error,
  };
}

export const toRejectedFile = ({ problem: _problem, ...file }: Rejection): RejectedFile => file;

/** The error of an upload whose files are all rejected: the first file's own, with the reason of each file. */
export function refuseAll(rejections: readonly [Rejection, ...Rejection[]]): Problem {
  const [{ problem }] = rejections;
  if (rejections.length === 1) return problem;
  const { code, detail, errors, status, retryable } = problem;
  return new Problem(code, detail, {
    errors,
    status,
    retryable,
    rejected: rejections.map(toRejectedFile),
    cause: problem,
  });
}
