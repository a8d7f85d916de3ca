/** Tells if a client has this version already. RFC 9110 asks for the weak comparison in `If-None-Match`. */
export const isKnown = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  (header.trim() === '*' || header.split(',').some((given) => given.trim().replace(/^W\//, '') === etag));

/** Tells if `If-Match` allows this version. RFC 9110 asks for the strong comparison there. */
export const isExpected = (header: string | undefined, etag: string): boolean =>
  header === undefined || header.trim() === '*' || header.split(',').some((given) => given.trim() === etag);
