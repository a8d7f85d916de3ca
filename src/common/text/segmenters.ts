// Clients may name any language: only the segmenters of the last languages are kept.
const maxSegmenters = 40;

/** A function that makes segmenters by language and keeps them, since making one is slow. */
export function segmentersFor(granularity: 'word' | 'sentence'): (language: string) => Intl.Segmenter {
  const segmenters = new Map<string, Intl.Segmenter>();
  return (language) => {
    const known = segmenters.get(language);
    if (known) return known;
    const made = new Intl.Segmenter(language, { granularity });
    const [oldest] = segmenters.keys();
    if (oldest !== undefined && segmenters.size >= maxSegmenters) segmenters.delete(oldest);
    segmenters.set(language, made);
    return made;
  };
}
