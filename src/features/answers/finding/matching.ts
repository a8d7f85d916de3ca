import type { Reader } from '../../../platform/reader/reader.js';
import type { Source } from '../sources.js';
import type { Evidence } from './evidence.js';

/** Units of one source that are compared, and of all sources together. */
const maxUnitsOfSource = 16;
const maxUnits = 48;
/** Characters of a unit; its heading comes before it. */
const maxCharacters = 240;

interface Compared {
  place: number;
  start: number;
  text: string;
}

/**
 * Compares the units of some sources with the question by their meaning.
 * @param sources those of the evidence @param places of the sources to compare, best first
 * @returns for each place cosines by the offset of the unit; empty where nothing could be compared
 */
export async function matchUnits(
  reader: Reader,
  evidence: Evidence,
  sources: Source[],
  places: number[],
  signal?: AbortSignal,
): Promise<Map<number, Map<number, number>>> {
  const { asked } = evidence;
  const units = reader.knows(asked.language)
    ? places.flatMap((place) => listUnits(reader, evidence, sources[place], place)).slice(0, maxUnits)
    : [];
  const texts = units.map(({ text }) => text);
  const cosines = texts.length > 0 ? await reader.match(asked.text, texts, signal) : null;
  const found = new Map<number, Map<number, number>>();
  for (const [at, { place, start }] of units.entries()) {
    const cosine = cosines?.[at];
    if (cosine === undefined) continue;
    const known = found.get(place) ?? new Map<number, number>();
    found.set(place, known.set(start, cosine));
  }
  return found;
}

function listUnits(
  reader: Reader,
  { sources }: Evidence,
  source: Source | undefined,
  place: number,
): Compared[] {
  if (!source || !reader.knows(source.language)) return [];
  const title = source.heading?.split(' > ').at(-1);
  const lead = title === undefined ? '' : `${title}: `;
  const units = sources[place]?.units ?? [];
  return units
    .slice(0, maxUnitsOfSource)
    .map(({ unit: { start, text } }) => ({ place, start, text: lead + text.slice(0, maxCharacters) }));
}
