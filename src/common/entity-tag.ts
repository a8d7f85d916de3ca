/** Tells if a client has this version already. RFC 9110 asks for the weak comparison in `If-None-Match`. */
export const isKnown = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  (header.trim() === '*' || header.split(',').some((given) => given.trim().replace(/^W\//, '') === etag));
