import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitPassages } from './passages.js';

const texts = (content: string, language: string | null = 'en') =>
  splitPassages(content, language).map(({ text }) => text);
const fragment = fc.constantFrom(
  'Dr. ',
  'No. 5 ',
  'word ',
  '. ',
  '? ',
  '\n',
  '\n\n',
  '# H\n',
  '- item ',
  '| a | b |\n',
  '| --- | --- |\n',
  '```\n',
  '。',
  '中文',
  '\r\n',
  '[x](http://y.z/!?) ',
  '  ',
  '> ',
);

describe('splitPassages', () => {
  it('gives contiguous parts of the text in their order', () => {
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 60 }), (fragments) => {
        const content = fragments.join('');
        let before = 0;
        for (const { text, start, end } of splitPassages(content, 'en')) {
          expect(content.slice(start, end)).toBe(text);
          expect(start).toBeGreaterThanOrEqual(before);
          before = end;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('tells headings, sentences, items and rows apart', () => {
    const content =
      '## Leave\n\nFirst one. Second one!\n\n- an item\n2. another item\n\n| a | b |\n| --- | --- |\n| 1 | 2\\|3 |\n';
    expect(
      splitPassages(content, 'en').map(({ kind, text, columns, cells }) => ({ kind, text, columns, cells })),
    ).toMatchObject([
      { kind: 'heading', text: 'Leave' },
      { kind: 'sentence', text: 'First one.' },
      { kind: 'sentence', text: 'Second one!' },
      { kind: 'sentence', text: 'an item' },
      { kind: 'sentence', text: 'another item' },
      { kind: 'row', text: '| 1 | 2\\|3 |', columns: ['a', 'b'], cells: ['1', '2|3'] },
    ]);
  });

  it.each([
    [
      'en',
      'Dr. Smith met e.g. Mr. Jones at No. 5. They left.',
      ['Dr. Smith met e.g. Mr. Jones at No. 5.', 'They left.'],
    ],
    [
      'de',
      'Am 3. Oktober ist zu, z. B. in Ulm. Sonst offen.',
      ['Am 3. Oktober ist zu, z. B. in Ulm.', 'Sonst offen.'],
    ],
    ['zh', '他来了。你呢？好！', ['他来了。', '你呢？', '好！']],
    ['ar', 'جاء أحمد. هل ذهب؟ نعم.', ['جاء أحمد.', 'هل ذهب؟', 'نعم.']],
  ])('knows where sentences end: %s', (language, content, wanted) => {
    expect(texts(content, language)).toEqual(wanted);
  });

  it('cuts what has no full stop into readable lengths, and quickly', () => {
    const start = performance.now();
    const passages = splitPassages('word '.repeat(4000), 'en');
    expect(passages.every(({ text }) => text.length <= 600)).toBe(true);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('separates lines of keys and values, each with its block', () => {
    const block = 'product: Zenith 5\noptics.mirror[0]: 203';
    const passages = splitPassages(`${block}\n\nNote: this is a sentence\nthat goes on.`, 'en');
    expect(passages.map(({ text }) => text)).toEqual([
      'product: Zenith 5',
      'optics.mirror[0]: 203',
      'Note: this is a sentence\nthat goes on.',
    ]);
    expect(passages.map((passage) => passage.block)).toEqual([block, block, undefined]);
  });

  it('keeps the segmenters of a few languages only', () => {
    const { Segmenter } = Intl;
    let made = 0;
    Object.assign(Intl, {
      Segmenter: class extends Segmenter {
        constructor(...given: ConstructorParameters<typeof Segmenter>) {
          super(...given);
          made += 1;
        }
      },
    });
    const makes = (language: string): number => {
      const before = made;
      splitPassages('A sentence. And another.', language);
      return made - before;
    };
    try {
      makes('en');
      expect(makes('en')).toBe(0);
      for (let at = 0; at < 60; at++)
        makes(`q${String.fromCharCode(97 + (at % 26), 97 + Math.floor(at / 26))}`);
      expect(makes('en')).toBe(1);
    } finally {
      Object.assign(Intl, { Segmenter });
    }
  });

  it('takes short lines that are no sentences one by one, and joins the lines of prose', () => {
    const receipt = 'Desk Lamp 3-in-1\nLMP-1204 2 @ $45.50\n$91.00\nMember Discount $-4.00';
    expect(splitPassages(receipt, 'en').map(({ text }) => text)).toEqual(receipt.split('\n'));
    const prose =
      'The Warehouse in Graz is\nOpen on Mondays and on\nTuesdays until the evening.\nThen it is closed.';
    expect(splitPassages(prose, 'en')).toHaveLength(2);
    expect(splitPassages('Smith Ltd\n12 High Street', 'en')).toHaveLength(1);
  });

  it('keeps the mark of a note with the sentence before it', () => {
    expect(
      texts('The lease ends in May.[^1] The barn is sold for 480[^2] euros.[^3][^4]\n\n[^1]: Or later.'),
    ).toEqual([
      'The lease ends in May.[^1]',
      'The barn is sold for 480[^2] euros.[^3][^4]',
      '[^1]: Or later.',
    ]);
  });

  it('keeps what dots lead to on the line that they lead from', () => {
    const prices = ['Boots, cleaned ............ 9 EUR', 'Saddle, mended . . . . . . 31 EUR'];
    expect(splitPassages(prices.join('\n'), 'en').map(({ text }) => text)).toEqual([prices.join('\n')]);
    expect(splitPassages('It went on.... Then it stopped.', 'en')).toHaveLength(2);
  });

  it('reads a form that is set as a table by its labels, not by its first row', () => {
    const form =
      '| Order: | 2024-5678 | Cinema: | Downtown |\n| --- | --- | --- | --- |\n| Estimate: | EST-456 | Contact: | Sarah May |';
    const [first, second] = splitPassages(form, 'en');
    expect(first).toMatchObject({ kind: 'row', cells: ['Order: 2024-5678', 'Cinema: Downtown'] });
    expect(second).toMatchObject({ cells: ['Estimate: EST-456', 'Contact: Sarah May'] });
    expect(second?.columns).toBeUndefined();
    const table = '| Part: | Price: |\n| --- | --- |\n| Seal | 9 |';
    expect(splitPassages(table, 'en')[0]?.columns).toEqual(['Part:', 'Price:']);
  });

  it('joins two rows of titles, and takes no row of data for the second one', () => {
    const head = '| Loan | Rates | Rates | Offset |\n| --- | --- | --- | --- |';
    const [row, ...others] = splitPassages(
      `${head}\n| Loan | annual | comparison | |\n| 2 years | 3.9 % | 5.2 % | full |`,
      'en',
    );
    expect(row?.columns).toEqual(['Loan', 'Rates – annual', 'Rates – comparison', 'Offset']);
    expect(others).toEqual([]);
    for (const data of ['| 2 years | 3.9 % | 5.2 % | full |', '| | 3.9 % | 5.2 % | |', '| Loan | full | | |'])
      expect(splitPassages(`${head}\n${data}`, 'en')[0]?.columns?.[1]).toBe('Rates');
  });
});
