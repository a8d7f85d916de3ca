/**
 * Metadata keys for the path of a document in the watched folder and its time of change. Only the folder may
 * write them, since it deletes by them.
 */
export const watchedPathKey = 'watched_path';
export const watchedTimeKey = 'modified_at';

/** Removes the keys that would make a client's document one of the watched folder. */
export function withoutWatchedKeys(metadata: Record<string, unknown>): Record<string, unknown> {
  const { [watchedPathKey]: path, ...rest } = metadata;
  if (path === undefined) return metadata;
  const { [watchedTimeKey]: _time, ...others } = rest;
  return others;
}
