/** Where a document of the watched folder came from, and when its file was changed. Only the folder writes these: it deletes by them. */
export const watchedPathKey = 'watched_path';
export const watchedTimeKey = 'modified_at';

/** Metadata of a client, without what would make its document one of the watched folder. */
export function withoutWatchedKeys(metadata: Record<string, unknown>): Record<string, unknown> {
  const { [watchedPathKey]: path, ...rest } = metadata;
  if (path === undefined) return metadata;
  const { [watchedTimeKey]: _time, ...others } = rest;
  return others;
}
