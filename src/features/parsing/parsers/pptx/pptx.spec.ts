import { describe, expect, it } from '@jest/globals';
import {
  renderMarkdown,
  packageEntries,
  parseWith,
  findProblem,
  relationships,
  buildZip,
  type Relation,
} from '../../../../../test/office-files.js';
import { parse } from './pptx.js';

const schemas = 'http://schemas.openxmlformats.org';
const namespaces = `xmlns:p="${schemas}/presentationml/2006/main" xmlns:a="${schemas}/drawingml/2006/main" xmlns:r="${schemas}/officeDocument/2006/relationships"`;
const text = (...paragraphs: string[]) =>
  `<p:txBody>${paragraphs.map((one) => (one.startsWith('<') ? one : `<a:p><a:r><a:t>${one}</a:t></a:r></a:p>`)).join('')}</p:txBody>`;
const bullet = (properties: string, words: string, level = 0) =>
  `<a:p><a:pPr lvl="${level}">${properties}</a:pPr><a:r><a:t>${words}</a:t></a:r></a:p>`;
const shape = (content: string, { type = '', x = 0, y = 0 } = {}) =>
  `<p:sp><p:nvSpPr><p:nvPr>${type && `<p:ph type="${type}"/>`}</p:nvPr></p:nvSpPr><p:spPr><a:xfrm><a:off x="${x}" y="${y}"/></a:xfrm></p:spPr>${content}</p:sp>`;
const slideXml = (shapes: string, hidden = false) =>
  `<p:sld ${namespaces}${hidden ? ' show="0"' : ''}><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld></p:sld>`;

interface Slide {
  shapes: string;
  hidden?: boolean;
  parts?: Record<string, string>;
  relations?: Relation[];
}

function buildPptx(...slides: Slide[]): Buffer {
  const list = slides.map((_, i) => `<p:sldId r:id="s${i}"/>`).join('');
  const main = `<p:presentation ${namespaces}><p:sldIdLst>${list}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/></p:presentation>`;
  const entries = packageEntries('ppt/presentation.xml', main, [
    ...slides.map((_, i): Relation => [`s${i}`, 'slide', `slides/slide${i}.xml`]),
    ['ca', 'commentAuthors', 'commentAuthors.xml'],
  ]);
  for (const [i, slide] of slides.entries()) {
    entries[`ppt/slides/slide${i}.xml`] = slideXml(slide.shapes, slide.hidden);
    entries[`ppt/slides/_rels/slide${i}.xml.rels`] = relationships(slide.relations ?? []);
    Object.assign(entries, slide.parts);
  }
  return buildZip(entries);
}

const one = async (shapes: string) => renderMarkdown(parse, buildPptx({ shapes }));

describe('pptx', () => {
  it('makes a part of each slide, in the order they are shown', async () => {
    const { parts, pages } = await parseWith(
      parse,
      buildPptx({ shapes: shape(text('a')) }, { shapes: '' }, { shapes: shape(text('c')) }),
    );
    expect(parts.map(({ kind, page, markdown }) => [kind, page, markdown])).toEqual([
      ['slide', 1, 'a'],
      ['slide', 2, ''],
      ['slide', 3, 'c'],
    ]);
    expect(pages).toBe(3);
  });

  it('puts the title first, then reads from top to bottom and left to right', async () => {
    const shapes = [
      shape(text('low'), { y: 5_000_000 }),
      shape(text('right'), { x: 3_000_000, y: 2_000_000 }),
      shape(text('left'), { x: 1_000, y: 2_100_000 }),
      shape(text('The', 'title'), { type: 'title', y: 9_000_000 }),
    ];
    expect(await one(shapes.join(''))).toBe('# The title\n\nleft\n\nright\n\nlow');
  });

  it('writes bullets and numbers as lists and leaves out slide numbers and dates', async () => {
    const dot = '<a:buChar char="•"/>';
    const number = '<a:buAutoNum type="arabicPeriod"/>';
    const list = [
      bullet('<a:buNone/>', 'plain'),
      bullet(dot, 'a'),
      bullet(dot, 'b', 1),
      bullet('<a:buNone/>', 'then'),
      bullet(number, 'c'),
      bullet(number, 'd'),
    ];
    expect(await one(shape(text(...list)) + shape(text('17'), { type: 'sldNum' }))).toBe(
      'plain\n\n- a\n    - b\n\nthen\n\n1. c\n2. d',
    );
  });

  it('takes bullets and places from layout and master', async () => {
    const master = `<p:sldMaster ${namespaces}><p:cSld><p:spTree/></p:cSld><p:txStyles><p:bodyStyle><a:lvl1pPr><a:buChar char="•"/></a:lvl1pPr></p:bodyStyle></p:txStyles></p:sldMaster>`;
    const layout = `<p:sldLayout ${namespaces}><p:cSld><p:spTree>${shape(text(), { type: 'body', y: 4_000_000 })}</p:spTree></p:cSld></p:sldLayout>`;
    const placed = `<p:sp><p:nvSpPr><p:nvPr><p:ph type="body"/></p:nvPr></p:nvSpPr><p:spPr/>${text('point')}</p:sp>`;
    const bytes = buildPptx({
      shapes: placed + shape(text('above'), { y: 1_000_000 }),
      relations: [['l', 'slideLayout', '../layouts/l.xml']],
      parts: {
        'ppt/layouts/l.xml': layout,
        'ppt/layouts/_rels/l.xml.rels': relationships([['m', 'slideMaster', 'm.xml']]),
        'ppt/layouts/m.xml': master,
      },
    });
    expect(await renderMarkdown(parse, bytes)).toBe('above\n\n- point');
  });

  it('keeps notes and comments with their slide', async () => {
    const bytes = buildPptx({
      shapes: shape(text('slide')),
      relations: [
        ['n', 'notesSlide', '../notes/n.xml'],
        ['c', 'comments', '../comments/c.xml'],
      ],
      parts: {
        'ppt/notes/n.xml': `<p:notes ${namespaces}><p:cSld><p:spTree>${shape(text('Say hello'), { type: 'body' })}${shape(text('1'), { type: 'sldNum' })}</p:spTree></p:cSld></p:notes>`,
        'ppt/comments/c.xml': `<p:cmLst ${namespaces}><p:cm authorId="3"><p:text>Too long</p:text></p:cm></p:cmLst>`,
        'ppt/commentAuthors.xml': `<p:cmAuthorLst ${namespaces}><p:cmAuthor id="3" name="Ann"/></p:cmAuthorLst>`,
      },
    });
    expect(await renderMarkdown(parse, bytes)).toBe('slide\n\nNotes: Say hello\n\n> Comment (Ann): Too long');
  });

  it('repeats merged cells of tables', async () => {
    const cell = (words: string, merge = '') =>
      `<a:tc ${merge}><a:txBody><a:p><a:r><a:t>${words}</a:t></a:r></a:p></a:txBody></a:tc>`;
    const rows = `<a:tr>${cell('h', 'gridSpan="2"')}${cell('', 'hMerge="1"')}</a:tr><a:tr>${cell('v', 'rowSpan="2"')}${cell('1')}</a:tr><a:tr>${cell('', 'vMerge="1"')}${cell('2')}</a:tr>`;
    const frame = `<p:graphicFrame><a:graphic><a:graphicData><a:tbl>${rows}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>`;
    expect(await one(frame)).toBe('| h | h |\n| --- | --- |\n| v | 1 |\n| v | 2 |');
  });

  it('reads charts as title, kind and data', async () => {
    const markdown = await renderMarkdown(parse, 'docling-pptx_chart.pptx');
    expect(markdown).toContain(
      '# Quarterly Duck Survey\n\nWild Duck Observations by Year\n\nBar chart\n\n|  | Freshwater Ducks | Saltwater Ducks |',
    );
    expect(markdown).toContain('| 2022 | 175 | 130 |');
  });

  it('refuses a file that is not a presentation or holds no text', async () => {
    expect(await findProblem(parseWith(parse, 'docling-word_tables.docx'))).toBe('corrupt_document');
    expect(await findProblem(parseWith(parse, buildPptx({ shapes: '' })))).toBe('no_text_content');
  });

  it('refuses groups nested without end', async () => {
    expect(
      await findProblem(one('<p:grpSp>'.repeat(10_000) + shape(text('x')) + '</p:grpSp>'.repeat(10_000))),
    ).toBe('corrupt_document');
  });
});

describe('pptx effects', () => {
  const run = (words: string, properties = '') => `<a:r><a:rPr ${properties}/><a:t>${words}</a:t></a:r>`;

  it('keep powers apart and mark struck text', async () => {
    const body = `<a:p>${run('10')}${run('9', 'baseline="30000"')}${run(' ohm, ')}${run('EUR 5', 'strike="sngStrike"')}</a:p>`;
    expect(await renderMarkdown(parse, buildPptx({ shapes: shape(text(body)) }))).toBe('10^9 ohm, ~~EUR 5~~');
  });

  it('leave out what stands beside the slide', async () => {
    const at = (x: number, y: number, words: string) =>
      shape(text(words), { x, y }).replace('</a:xfrm>', '<a:ext cx="1000000" cy="500000"/></a:xfrm>');
    const bytes = buildPptx({
      shapes:
        at(0, 0, 'Shown') +
        at(-1_000_000, 0, 'left') +
        at(9_144_000, 0, 'right') +
        at(0, 7_000_000, 'below') +
        at(-999_999, 9, 'Edge'),
    });
    const { parts, warnings } = await parseWith(parse, bytes);
    expect(parts[0]?.markdown).toBe('Edge\n\nShown');
    expect(warnings).toMatchObject([{ code: 'hidden_left_out', params: { shape: 3 } }]);
  });

  it('leave hidden slides and shapes out with a warning, or mark them', async () => {
    const secret = shape(text('Sixty jobs')).replace(
      '<p:nvSpPr>',
      '<p:nvSpPr><p:cNvPr id="2" name="x" hidden="1"/>',
    );
    const bytes = buildPptx(
      { shapes: shape(text('Shown')) + secret },
      { shapes: shape(text('Backup')), hidden: true },
    );
    const left = await parseWith(parse, bytes);
    expect(left.parts.map(({ page, markdown }) => [page, markdown])).toEqual([[1, 'Shown']]);
    expect(left.warnings).toMatchObject([
      {
        code: 'hidden_left_out',
        detail: expect.stringContaining('1 hidden shape, 1 hidden slide'),
        pages: [2],
      },
    ]);
    const kept = await parseWith(parse, bytes, 'a.pptx', { includeHidden: true });
    expect(kept.parts.map(({ markdown }) => markdown)).toEqual([
      'Shown\n\n[hidden: Sixty jobs]',
      '[hidden slide]\n\nBackup',
    ]);
  });
});

describe('pptx effects', () => {
  it('follow the list style of the shape where a run says nothing', async () => {
    const struck =
      '<p:txBody><a:lstStyle><a:lvl1pPr><a:defRPr strike="sngStrike"/></a:lvl1pPr></a:lstStyle><a:p><a:r><a:t>EUR 5</a:t></a:r></a:p></p:txBody>';
    expect(await one(shape(struck))).toBe('~~EUR 5~~');
  });

  it('report pictures, charts and objects without text, with their slides', async () => {
    const frame =
      '<p:graphicFrame><a:graphic><a:graphicData><p:oleObj/></a:graphicData></a:graphic></p:graphicFrame>';
    const document = await parseWith(
      parse,
      buildPptx({ shapes: shape(text('a')) }, { shapes: `<p:pic/>${frame}` }),
    );
    expect(document.warnings).toMatchObject([{ code: 'content_without_text', pages: [2] }]);
    expect(document.warnings[0]?.detail).toContain('1 picture, 1 embedded object.');
  });
});
