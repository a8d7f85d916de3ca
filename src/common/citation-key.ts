import { z } from 'zod';

/** A passage of a document: the chunk of a version, and the characters of its content that are quoted. */
export interface CitedPassage {
  version: number;
  ordinal: number;
  /** Absent when the whole chunk is cited. */
  range?: { start: number; end: number };
}

/** Names a passage within its document: `version.ordinal`, or `version.ordinal.start-end`. */
export const citationKey = ({ version, ordinal, range }: CitedPassage): string =>
  `${version}.${ordinal}${range ? `.${range.start}-${range.end}` : ''}`;

const pattern = /^(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9})-(\d{1,9}))?$/;

/** Parses a key. */
export const CitationKey = z
  .string()
  .regex(pattern, 'must be the `key` of a citation')
  .transform((key): CitedPassage => {
    const [, version, ordinal, start, end] = pattern.exec(key) ?? [];
    return {
      version: Number(version),
      ordinal: Number(ordinal),
      ...(start !== undefined && { range: { start: Number(start), end: Number(end) } }),
    };
  });
