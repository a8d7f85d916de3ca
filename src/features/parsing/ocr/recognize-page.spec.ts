import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import { ParserPool } from '../sandbox/pool.js';
import { linesFrom } from './ocr-lines.js';
import { recognizePage } from './recognize-page.js';
import { Tesseract } from './tesseract.js';

const files = new URL('../../../../test/files/ocr/', import.meta.url).pathname;
const require = createRequire(import.meta.url);
const locateData = (language: string): string =>
  join(
    dirname(require.resolve(`@tesseract.js-data/${language}/package.json`)),
    '4.0.0_best_int',
    `${language}.traineddata.gz`,
  );
const data = { deu: locateData('deu'), eng: locateData('eng') };

const lettersOnly = (text: string): string =>
  text
    .replace(/[#*\\]/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** Levenshtein distance of the texts as a share of the expected one's length. */
function characterErrors(actual: string, expected: string): number {
  let row = Array.from({ length: actual.length + 1 }, (_unused, at) => at);
  for (let i = 1; i <= expected.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= actual.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (expected[i - 1] === actual[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return (row[actual.length] ?? 0) / expected.length;
}

describe('recognizePage', () => {
  let pool: ParserPool;
  beforeAll(() => {
    pool = new ParserPool({ size: 1, memoryMb: 2048, timeoutMs: 60_000 });
  });
  afterAll(() => pool.close());

  const read = (filename: string) =>
    pool.recognize({ path: join(files, filename), filename, bytes: 1, format: 'image' }, 1, data, {
      deadlineMs: 60_000,
    });

  it.each([
    ['en-300.jpg', 'en.txt', 0.02],
    ['de-300.jpg', 'de.txt', 0.02],
    ['en-150.jpg', 'en.txt', 0.05],
    ['de-150.jpg', 'de.txt', 0.05],
  ])('reads %s almost without an error', async (file, expected, most) => {
    const page = await read(file);
    const text = lettersOnly(readFileSync(join(files, expected), 'utf8'));
    const errors = characterErrors(lettersOnly(page.markdown), text);
    expect(errors).toBeLessThanOrEqual(most);
    expect(page.confidence).toBeGreaterThan(80);
    expect(page.places.length).toBeGreaterThan(10);
  });

  it('turns a page that is upside down', async () => {
    const page = await read('de-turned.jpg');
    const text = lettersOnly(readFileSync(join(files, 'de.txt'), 'utf8'));
    expect(characterErrors(lettersOnly(page.markdown), text)).toBeLessThan(0.05);
  });
});

describe('a page whose letters nobody knows', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is tried upside down with some of its lines only', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'docent-ocr-'));
    const path = join(directory, 'mirrored.png');
    const mirrored = sharp(join(files, 'de-150.jpg'))
      .flop()
      .extract({ left: 0, top: 0, width: 1240, height: 350 });
    await mirrored.png().toFile(path);
    const recognize = jest.spyOn(Tesseract.prototype, 'recognize');
    const page = await recognizePage({ path, format: 'image', page: 1, data });
    await rm(directory, { recursive: true });

    expect(page.confidence).toBeLessThan(50);
    const [whole, sample, ...more] = recognize.mock.calls.map(([image]) => image.length);
    expect(more).toEqual([]);
    expect(sample).toBeLessThan((whole ?? 0) / 2);
  });
});

describe('linesFrom', () => {
  const row = (x: number, confidence: number, text: string, line = 1): string =>
    ['5', '1', '1', '1', line, '1', x, 100, 80, 20, confidence, text].join('\t');

  it('cuts a line at a wide gap, marks words that are not sure and drops specks', () => {
    const lines = linesFrom(
      [row(0, 90, 'Total'), row(85, 30, 'sum'), row(400, 95, '12'), row(0, 5, '~', 2)].join('\n'),
    );
    expect(lines.map(({ text }) => text)).toEqual(['Total sum[?]', '12']);
  });
});

describe('the language of the page before', () => {
  it('is tried first on the next page, whose text stays the same', async () => {
    const tesseract = await Tesseract.load(data);
    const png = await sharp(join(files, 'de-150.jpg'))
      .greyscale()
      .resize(1654)
      .extract({ left: 0, top: 0, width: 1654, height: 500 })
      .png()
      .toBuffer();
    const before = readLines(tesseract.recognize(png, 200).tsv);
    tesseract.prefer('ja');
    tesseract.prefer('de');
    const after = readLines(tesseract.recognize(png, 200).tsv);
    expect(after).toContain('Wartung der Kühlanlage');
    expect(characterErrors(after, before)).toBeLessThan(0.01);
  });

  const readLines = (tsv: string): string =>
    linesFrom(tsv)
      .map(({ text }) => text)
      .join(' ');
});
