import { Problem } from '../../common/errors.js';
import type { UploadResponse } from './documents.dto.js';

export type Rejection = UploadResponse['rejected'][number] & { problem: Problem };

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
