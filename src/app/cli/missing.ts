import { ApiError } from './client.js';

/**
 * Says what was not found, and how to list what there is: the service says only that something was not found.
 * @param kind such as `task`
 * @param list the command that lists them
 */
export async function withMissing<T>(work: Promise<T>, kind: string, name: string, list: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'not_found') throw error;
    const detail = `There is no ${kind} ${name} that you may see. \`${list}\` lists them.`;
    throw new ApiError(error.status, error.code, detail, error.body);
  }
}
