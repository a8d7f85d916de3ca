import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parseWith, findProblem } from '../../../../../test/office-files.js';
import { buildPdf } from '../../../../../test/pdf.js';
import { parse, ranges } from './pdf.js';
import { refuseBombs } from './file/bombs.js';
import { withoutFurniture } from './headings/furniture.js';
import { openPlainText } from './file/plain-text.js';
import { rightToLeft, withHeadings } from './text/right-to-left.js';

const corpus = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../../../../test/files/corpus/files/${name}`, import.meta.url)));
const lines = (page: number): string[] => [
  `Fact ${page}: the marker of this page is number ${page * 7}.`,
  'A second line with more words in it.',
];

describe('the PDF parser', () => {
  it('gives one part a page, headings and title', async () => {
    const document = await parseWith(parse, corpus('docling-multi_page.pdf'));
    expect(document).toMatchObject({ title: 'The Evolution of the Word Processor', pages: 5, warnings: [] });
    expect(document.parts.map((part) => part.page)).toEqual([1, 2, 3, 4, 5]);
    expect(document.parts[1]?.markdown).toContain('# The Modern Era (1990s - Present)');
    expect(document.parts[0]?.markdown).toContain(
      'IBM MT/ST (Magnetic Tape/Selectric Typewriter): Introduced in 1964, this machine',
    );
  });

  it('keeps the columns of a table without lines', async () => {
    const document = await parseWith(parse, corpus('markitdown-SPARSE-2024-INV-1234_borderless_table.pdf'));
    expect(document.parts[0]?.markdown).toContain('| SKU-8847 | A-12 | 450 |  |  |  |');
  });

  it('keeps tables apart that stand above one another between ruled lines', async () => {
    const [page] = (await parseWith(parse, 'stacked-tables.pdf')).parts;
    expect(page?.markdown).toContain('| Keyboard | An input device for people who type | 45.50 |');
    expect(page?.markdown).toContain('| 2024 | 2,100 | 1,300 |');
    expect(page?.markdown).toContain('| Cid | Writer | Bern |');
  });

  it('keeps words whole that stand half a line above or below the next cell', async () => {
    const [page] = (await parseWith(parse, 'uneven-cells.pdf')).parts;
    expect(page?.markdown.split('\n\n').at(-1)?.split('\n').slice(2)).toEqual([
      '| Store of the north quay | Audit | 2023 |',
      '| South quay | Budget office of the harbour | 77.5 % |',
      '| East quay | Preliminary | 15 |',
    ]);
  });

  it('reads filled fields without an appearance, and notes', async () => {
    const [page] = (await parseWith(parse, 'form-fields.pdf')).parts;
    expect(page?.markdown.split('\n\n').slice(1)).toEqual([
      'Name: Jane Doe',
      'Seventeen',
      'paid: yes',
      'Comment (Bob): Reviewer says this is fine',
    ]);
  });

  it('puts the values of a form beside their labels, the chosen option of a group too', async () => {
    const [page] = (await parseWith(parse, 'access-card.pdf')).parts;
    expect(page?.markdown.split('\n\n')[1]?.split('\n')).toEqual([
      'Name: Dana Whitfield',
      'Department: Quality Lab',
      'Parking needed: yes',
      'Badge type: Contractor',
      'Shift: Night',
      'Remarks: Needs access to room 0.17 until 31 May',
    ]);
  });

  it('keeps raised figures apart from the number before them, and notes at their place', async () => {
    const [page] = (await parseWith(parse, 'gland-report.pdf')).parts;
    expect(page?.markdown).toContain('at least 10^9 ohm');
    expect(page?.markdown).toContain('EUR 320[^1] and the calibration fee is EUR 75[^2].');
    expect(page?.markdown).toContain('24 m² and holds 62 m³ of air');
    expect(page?.markdown).toContain(
      '\n\n[^1]: Refunded when the sample comes back undamaged.\n\n[^2]: Without',
    );
  });

  it('joins spaced letters, keeps marks that stand apart and reads turned text', async () => {
    const [page] = (await parseWith(parse, 'spaced-letters.pdf')).parts;
    expect(page?.markdown).toContain('# General terms of sale');
    expect(page?.markdown).toContain('## DELIVERY AND RISK');
    expect(page?.markdown).toContain('The efficient office fluff offers final figures for the workflow.');
    expect(page?.markdown).toContain(
      'The area is 24 m², CO₂ is 12.5[^3] and 10^-6 mol; it costs EUR 99[^a] on the 21st day.',
    );
    expect(page?.markdown).toContain('[^3]: The third note tells more.');
    expect(page?.markdown).toContain('Side text runs down.');
  });

  it('keeps the hyphens of words at line ends and drops those that only divide', async () => {
    const [page] = (await parseWith(parse, 'terms.pdf')).parts;
    for (const words of [
      'price-determining factors',
      'long-term supply',
      'n-hexane and the X-ray tube',
      'The manufacturer keeps',
      'call 0800-5517 or',
      'kit AB-7731 by',
      'mid-May of',
    ])
      expect(page?.markdown).toContain(words);
  });

  it('says which pages have formulas whose letters are missing', async () => {
    const { warnings } = await parseWith(parse, 'pdfjs-bug1529502.pdf');
    expect(warnings).toMatchObject([{ code: 'letters_lost', pages: [1] }]);
    expect((await parseWith(parse, 'terms.pdf')).warnings).toEqual([]);
  });

  it('keeps the word order of Arabic', async () => {
    const [page] = (await parseWith(parse, corpus('docling-right_to_left_01.pdf'))).parts;
    expect(page?.markdown).toContain(
      'من الأدوات القوية التي يمكن أن تعزز الإنتاجية وتساعد في إيجاد حلول فعالة',
    );
    // one glyph for two letters
    expect(page?.markdown).toMatch(/^# .*المشكلات من خلال/);
  });

  it('keeps the first lines of all pages, even when they are similar', async () => {
    const document = await parseWith(parse, buildPdf(Array.from({ length: 120 }, (_, page) => lines(page))));
    for (const [page, part] of document.parts.entries())
      expect(part.markdown).toContain(`is number ${page * 7}.`);
  });

  it('reports its pages as they are done', async () => {
    const document = await parseWith(
      parse,
      buildPdf([
        ['one word', 'and some more of them'],
        ['two words', 'and some more of them'],
      ]),
    );
    expect(document.pages).toBe(2);
  });

  it.each([
    ['encrypted_document', () => corpus('unstructured-password.pdf')],
    ['corrupt_document', () => Buffer.from('%PDF-1.7\n')],
    ['corrupt_document', () => Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(5000, 1)])],
    ['no_text_content', () => buildPdf([[]])],
  ])('ends with %s', async (code, bytes) => {
    expect(await findProblem(parseWith(parse, bytes()))).toBe(code);
  });
});

describe('a page without text', () => {
  const text = 'BT /F1 10 Tf 14 TL 50 790 Td\n\nET';
  const drawn = '0 0 0 rg 50 50 9 400 re f';
  const withDrawing = (bytes: Buffer): Buffer =>
    Buffer.from(bytes.toString('latin1').replace(text, drawn.padEnd(text.length)), 'latin1');

  it('needs OCR when something is drawn on it, and is empty otherwise', async () => {
    expect(await findProblem(parseWith(parse, withDrawing(buildPdf([[]]))))).toBe('needs_ocr');
    expect(await findProblem(parseWith(parse, buildPdf([[]])))).toBe('no_text_content');
  });

  it('is reported when the rest of the document has text', async () => {
    const lines = ['Words enough for a page', 'of text, and some more'];
    const document = await parseWith(parse, withDrawing(buildPdf([lines, [], lines, []])));
    expect(document.warnings).toMatchObject([{ code: 'pages_need_ocr', pages: [2] }]);
  });
});

describe('refuseBombs', () => {
  const streamed = (data: Buffer, filter: string): Buffer =>
    Buffer.concat([
      Buffer.from(`5 0 obj\n<< /Filter ${filter} >>\nstream\n`),
      data,
      Buffer.from('\nendstream\nendobj\n'),
    ]);
  const large = deflateSync(Buffer.alloc(3 * 1024 * 1024));

  it('refuses a stream that expands beyond measure, also when deflated twice', async () => {
    expect(await findProblem(refuseBombs(streamed(large, '/FlateDecode'), 1024 ** 2))).toBe('archive_bomb');
    expect(
      await findProblem(refuseBombs(streamed(deflateSync(large), '[/FlateDecode /FlateDecode]'), 1024 ** 2)),
    ).toBe('archive_bomb');
  });

  it('lets images and ordinary streams pass', async () => {
    expect(await findProblem(refuseBombs(streamed(large, '/FlateDecode /Subtype /Image'), 1024 ** 2))).toBe(
      'none',
    );
    expect(
      await findProblem(refuseBombs(streamed(deflateSync(Buffer.from('words')), '/FlateDecode'), 1024 ** 2)),
    ).toBe('none');
  });
});

describe('openPlainText', () => {
  it('reads pages in order and returns nothing for other files', async () => {
    const text = await openPlainText(buildPdf([['one'], ['two', 'lines']]));
    expect(text?.pages).toBe(2);
    expect(await text?.page(2)).toBe('two\nlines');
    await text?.close();
    expect(await openPlainText(Buffer.from('words'))).toBeNull();
  });
});

describe('removing running heads and feet', () => {
  const page = (number: number, head = 'ACME Handbook'): string =>
    `${head}\n\nText of page ${number}.\n\nMore text, ${number}.\n\nPage ${number}`;

  it('removes running heads and page numbers, except the first head', () => {
    expect(withoutFurniture([page(1), page(2), page(3)])).toEqual([
      'ACME Handbook\n\nText of page 1.\n\nMore text, 1.',
      'Text of page 2.\n\nMore text, 2.',
      'Text of page 3.\n\nMore text, 3.',
    ]);
  });

  it('keeps lines that differ, and every line of a short document', () => {
    const chapters = [1, 2, 3].map((number) => `Chapter ${number}\n\nText, ${number}.`);
    expect(withoutFurniture(chapters)).toEqual(chapters);
    expect(withoutFurniture([page(1), page(2)])).toEqual([page(1), page(2)]);
  });

  it('does not change tables', () => {
    const table = '| a |\n| --- |\n| 1 |';
    expect(withoutFurniture([table, table, table, table])).toEqual([table, table, table, table]);
  });
});

describe('rightToLeft', () => {
  it('sets the mark that ends a number behind it', () => {
    expect(rightToLeft('יוצאים בשעה .17:00 סעיף :3 בקשה')).toBe('יוצאים בשעה 17:00. סעיף 3: בקשה');
    expect(rightToLeft('المادة :12 من')).toBe('المادة 12: من');
  });

  it('restores the order of lam-alef where no word contains the reverse', () => {
    expect(rightToLeft('اإلنتاجية وPythonميزات')).toBe('الإنتاجية و Python ميزات');
    expect(rightToLeft('خالد قال')).toBe('خالد قال');
  });

  it('marks the headings that the layout found', () => {
    expect(withHeadings('first line\nthe heading\nrest', '# heading the\n\nfirst line rest')).toBe(
      'first line\n\n# the heading\n\nrest',
    );
  });
});

describe('ranges', () => {
  it('joins consecutive numbers', () => {
    expect(ranges([1, 2, 3, 7, 9, 10])).toBe('1-3, 7, 9-10');
  });
});
