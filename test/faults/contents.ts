import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Random } from './random.js';

/** The text of a file, and a check that its chunks contain it. */
export interface Content {
  bytes: Buffer;
  hash: string;
  /**
   * Markers in the order in which they stand in the text; undefined
   * for a sample, whose chunks are compared with an unharmed run's.
   */
  markers?: string[];
  sample?: string;
}

const markerShape = /\bf\d+v\d+p\d+x\b/g;
const words =
  'press valve pump shift crane dryer boiler gauge spindle conveyor coolant bearing sensor manual ledger audit'.split(
    ' ',
  );

const withHash = (bytes: Buffer, rest: Omit<Content, 'bytes' | 'hash'>): Content => ({
  bytes,
  hash: createHash('sha256').update(bytes).digest('hex'),
  ...rest,
});

/** Each paragraph carries a marker of file, version and place: a lost, doubled or foreign one shows. */
export function marked(
  file: number,
  version: number,
  format: 'md' | 'csv',
  paragraphs: number,
  random: Random,
): Content {
  const markers = Array.from({ length: paragraphs }, (_unused, place) => `f${file}v${version}p${place}x`);
  const filler = (count: number): string => Array.from({ length: count }, () => random.pick(words)).join(' ');
  const text =
    format === 'md'
      ? markers
          .map(
            (marker, place) =>
              `${place % 20 === 0 ? `# Part ${place / 20}\n\n` : ''}${marker} ${filler(110)}.`,
          )
          .join('\n\n')
      : [
          'marker,machine,note',
          ...markers.map((marker) => `${marker},${random.pick(words)},${filler(12)}`),
        ].join('\n');
  return withHash(Buffer.from(`${text}\n`), { markers });
}

export const samples = [
  'employee-handbook.pdf',
  'bedienungsanleitung-aurora-3.pdf',
  'customer-faq.md',
  'travel-policy.docx',
  'price-list.xlsx',
];
export const sampleContent = (name: string): Content =>
  withHash(readFileSync(`samples/${name}`), { sample: name });

/** The markers of `texts` in order of first appearance: neighbouring chunks share some. */
export const markersIn = (texts: readonly string[]): string[] => [
  ...new Set(texts.join('\n').match(markerShape) ?? []),
];

/** A print of what the chunks say, to compare two runs over the same bytes. */
export const fingerprint = (texts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex');
