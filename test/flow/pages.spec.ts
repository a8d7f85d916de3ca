import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { bootApp, type TestApp } from '../app.js';
import { buildXlsx } from '../office-files.js';
import { buildPdf } from '../pdf.js';

interface Box {
  page: number;
  x: number;
  y: number;
  width: number;
  height: number;
}
interface PlacedPart {
  markdown: string;
  page: number;
  page_end: number;
  boxes: (Box & { start: number; end: number })[];
  page_size: { width: number; height: number };
}
interface Cited {
  key: string;
  page: number;
  quote: string;
  boxes: Box[];
  page_size: { width: number; height: number };
  source: string;
  cells: string | null;
}

const pdf = buildPdf([
  ['The first page speaks of gardens and of rain.', 'Nothing else stands on it.'],
  ['The second page begins here.', 'The zeppelin lands at seven in the morning.', 'It leaves at noon.'],
]);

const cell = (reference: string, text: string): string =>
  `<c r="${reference}" t="inlineStr"><is><t>${text}</t></is></c>`;
const row = (number: number, ...texts: string[]): string =>
  `<row r="${number}">${texts.map((text, place) => cell(`${'BCD'.charAt(place)}${number}`, text)).join('')}</row>`;
const assets = buildXlsx(
  `<sheetData>${row(2, 'Asset', 'Place', 'State')}${row(3, 'AS-16', 'Hall A', 'good')}${row(4, 'AS-17', 'Hall B', 'broken')}</sheetData>`,
);

describe('pages and texts of documents', () => {
  let app: TestApp;
  let id: string;
  let notes: string;
  let cited: Cited;
  beforeAll(async () => {
    app = await bootApp();
    const { documents } = await app.uploaded({
      'zeppelin.pdf': pdf,
      'assets.xlsx': assets,
      'notes.md': '# Rules\n\nBe kind.\n\n## Leave\n\nLeave is 25 days.\n',
    });
    [id = '', notes = ''] = ['zeppelin.pdf', 'notes.md'].map(
      (name) => documents.find(({ filename }) => filename === name)?.id ?? '',
    );
    const { citations } = await app.search('When does the zeppelin land?');
    cited = citations[0] as unknown as Cited;
  });
  afterAll(() => app.close());

  const picture = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${app.url}/agent/documents/${id}/pages/${path}`, { headers });
  const pixels = async (response: Response) =>
    sharp(Buffer.from(await response.arrayBuffer()))
      .raw()
      .toBuffer({ resolveWithObject: true });

  it('returns the place of a quote on its page', () => {
    expect(cited).toMatchObject({
      // a short paragraph is quoted whole
      quote: expect.stringContaining('The zeppelin lands at seven in the morning.'),
      page: 2,
      page_size: { width: 595, height: 842 },
      source: 'text',
      cells: null,
    });
    expect(cited.boxes).toHaveLength(3);
    const [, box] = cited.boxes;
    // The second line: 14 points below the first one, whose baseline is at 790 of 842.
    expect(box?.page).toBe(2);
    expect(Math.abs((box?.x ?? 0) - 50)).toBeLessThan(2);
    expect(box?.y).toBeGreaterThan(52);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(72);
    expect(box?.width).toBeGreaterThan(150);
    expect(box?.width).toBeLessThan(260);
  });

  it('returns the cells of a sheet that hold a quote', async () => {
    const { citations } = await app.search('Where is the asset AS-17?');
    expect(citations[0]).toMatchObject({ quote: expect.stringContaining('Hall B'), cells: 'Data!B4:D4' });
  });

  it('draws the page at the wanted size and marks the quote', async () => {
    const [plain, marked] = await Promise.all([
      picture('2.png?dpi=72').then(pixels),
      picture(`2.png?dpi=72&citation=${cited.key}`).then(pixels),
    ]);
    expect([plain.info.width, plain.info.height]).toEqual([595, 842]);
    const differing = new Set<number>();
    for (let at = 0; at < plain.data.length; at += 1)
      if (plain.data[at] !== marked.data[at]) differing.add(Math.floor(at / 3 / 595));
    const [top, bottom] = [
      cited.boxes[0]?.y ?? 0,
      ...cited.boxes.slice(-1).map(({ y, height }) => y + height),
    ];
    expect(Math.min(...differing)).toBeGreaterThan(top - 5);
    expect(Math.max(...differing)).toBeLessThan((bottom ?? 0) + 5);
    expect(differing.size).toBeGreaterThan(3 * (cited.boxes[0]?.height ?? 0));
  });

  it('answers 304 for an unchanged picture, and another ETag for another mark', async () => {
    const first = await picture('2.png?dpi=72');
    await first.arrayBuffer();
    const etag = first.headers.get('etag') ?? '';
    expect(first.headers.get('content-type')).toBe('image/png');
    expect((await picture('2.png?dpi=72', { 'if-none-match': etag })).status).toBe(304);
    const marked = await picture(`2.png?dpi=72&citation=${cited.key}`, { 'if-none-match': etag });
    expect(marked.status).toBe(200);
    await marked.arrayBuffer();
  });

  it.each([
    ['3.png', 404, 'page_not_found'],
    ['0.png', 404, 'page_not_found'],
    ['x.png', 404, 'page_not_found'],
    ['1.png?dpi=30', 422, 'validation_failed'],
    ['1.png?dpi=900', 422, 'validation_failed'],
    ['1.png?citation=nothing', 422, 'validation_failed'],
    ['1.png?citation=9.0', 404, 'not_found'],
  ])('answers %s with %i %s', async (path, status, code) => {
    const answer = await picture(path);
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ code })]);
  });

  it('reports no pages for a format without pages', async () => {
    const answer = await app.call('GET', `/agent/documents/${notes}/pages/1.png`);
    expect([answer.status, answer.body['code']]).toEqual([404, 'page_not_found']);
  });

  it('gives the parsed text as Markdown', async () => {
    const answer = await fetch(`${app.url}/agent/documents/${notes}/text?format=markdown`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/markdown/);
    expect(await answer.text()).toBe('# Rules\n\nBe kind.\n\n## Leave\n\nLeave is 25 days.\n');
  });

  it('gives the parsed text in parts with their places', async () => {
    const { body } = await app.call('GET', `/agent/documents/${notes}/text?format=json`);
    expect(body).toMatchObject({
      parts: [
        { markdown: '# Rules\n\nBe kind.', page: null, heading: 'Rules', source: 'text', boxes: [] },
        { markdown: '## Leave\n\nLeave is 25 days.', heading: 'Rules > Leave' },
      ],
      warnings: [],
    });
    const { body: pages } = await app.call<{ parts: PlacedPart[] }>(
      'GET',
      `/agent/documents/${id}/text?format=json`,
    );
    expect(pages.parts.map(({ page, page_end, boxes }) => [page, page_end, boxes.length])).toEqual([
      [1, 1, 2],
      [2, 2, 3],
    ]);
    const [first] = pages.parts;
    const lines = first?.boxes.map(({ start, end }) => first.markdown.slice(start, end));
    expect(first?.page_size).toEqual({ width: 595, height: 842 });
    expect(lines).toEqual(['The first page speaks of gardens and of rain', 'Nothing else stands on it']);
  });

  it('shows the boxes of each chunk', async () => {
    const { body } = await app.call<{ chunks: { source: string; boxes: Box[] }[] }>(
      'GET',
      `/agent/documents/${id}/chunks`,
    );
    expect(body.chunks.flatMap(({ boxes }) => boxes)).toHaveLength(5);
  });
});
