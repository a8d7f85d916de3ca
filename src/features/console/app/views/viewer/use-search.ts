import { useEffect, useMemo, useState } from 'preact/hooks';
import { findAll, fold } from '../../ui/marks.js';
import type { ReadPart } from './document-text.js';

export interface Hit {
  part: number;
  start: number;
  end: number;
}

const maxHits = 1000;
const minQuery = 2;

/** The places of a query in the text of a document, and which of them is looked at. */
export function useSearch(parts: ReadPart[], query: string) {
  const hits = useMemo((): Hit[] => {
    const needle = fold(query).text;
    if (needle.length < minQuery) return [];
    const found: Hit[] = [];
    for (const [part, { folded }] of parts.entries()) {
      for (const start of findAll(folded, needle, maxHits - found.length))
        found.push({ part, start, end: start + needle.length });
      if (found.length >= maxHits) break;
    }
    return found;
  }, [parts, query]);
  const [place, setPlace] = useState(0);
  useEffect(() => setPlace(0), [hits]);
  return {
    hits,
    place,
    current: hits[place],
    step: (by: 1 | -1) =>
      setPlace((before) => (hits.length === 0 ? 0 : (before + by + hits.length) % hits.length)),
  };
}
