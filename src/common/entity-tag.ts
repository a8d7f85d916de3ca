/** Tells if a client has this version already: the comparison is the weak one, as RFC 9110 wants it for `If-None-Match`. */
export const isKnown = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  (header.trim() === '*' || header.split(',').some((given) => given.trim().replace(/^W\//, '') === etag));
