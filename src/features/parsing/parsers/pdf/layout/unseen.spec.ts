import { describe, expect, it } from '@jest/globals';
import { parseWith } from '../../../../../../test/office-files.js';
import { buildDrawnPdf, type DrawnPage } from '../../../../../../test/pdf.js';
import { parse } from '../pdf.js';
import { readSigns } from '../file/signs.js';

const line = (text: string, y: number, before = ''): string =>
  `BT /F1 11 Tf ${before} 60 ${y} Td (${text}) Tj ET`;
const shown = [
  line('Linden Works delivers forty boxes to the yard each week.', 700),
  line('The price of a box is agreed upon in spring.', 684),
].join('\n');
const read = async (drawn: DrawnPage, includeHidden = false) => {
  const { parts, warnings } = await parseWith(parse, buildDrawnPdf(drawn), 'a.pdf', { includeHidden });
  return { text: parts[0]?.markdown ?? '', warnings };
};

describe('text of a PDF that its reader does not see', () => {
  const invisible = { content: `${shown}\n${line('Secret rebate of nine percent.', 600, '3 Tr')}` };

  it('is left out with a warning where it is not drawn', async () => {
    const { text, warnings } = await read(invisible);
    expect(text).toContain('forty boxes');
    expect(text).not.toContain('rebate');
    expect(warnings).toEqual([
      {
        code: 'hidden_left_out',
        detail:
          'Left out because the document hides it: 1 line of invisible text. Upload it with include_hidden to keep it.',
        params: { line: 1 },
        pages: [1],
      },
    ]);
  });

  it('is left out where it has no opacity', async () => {
    const secret = line('Secret rebate of nine percent.', 600);
    const pages = ['0', '0.0', '.000'].map((opacity) => ({
      content: `${shown}\nq /G1 gs\n${secret}\nQ`,
      resources: `/ExtGState << /G1 << /ca ${opacity} >> >>`,
    }));
    for (const page of pages) {
      const { text, warnings } = await read(page);
      expect(text).not.toContain('rebate');
      expect(warnings).toMatchObject([{ code: 'hidden_left_out', params: { line: 1 } }]);
    }
    const faint = {
      content: `${shown}\n/G1 gs\n${secret}`,
      resources: '/ExtGState << /G1 << /ca 0.05 >> >>',
    };
    expect((await read(faint)).text).toContain('rebate');
  });

  it('is kept and marked with include_hidden', async () => {
    const { text, warnings } = await read(invisible, true);
    expect(text).toContain('\n\n[hidden: Secret rebate of nine percent.]');
    expect(warnings).toMatchObject([{ code: 'hidden_included', params: { line: 1 } }]);
  });

  it('is left out where the page shows next to nothing', async () => {
    const content = `${line('Offer', 700)}\n${line('Secret rebate of nine percent.', 600, '3 Tr')}`;
    expect((await read({ content })).text).toBe('Offer');
  });

  it('is read where it lies over a picture, as in a scan', async () => {
    const grey = Array.from({ length: 64 }, (_unused, at) => ((at % 3) * 80).toString(16).padStart(2, '0'));
    const picture = `<< /Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /ASCIIHexDecode /Length 129 >>\nstream\n${grey.join('')}>\nendstream`;
    for (const place of ['595 0 0 842 0 0', '400 0 0 300 40 450']) {
      const { text, warnings } = await read({
        content: `q ${place} cm /I1 Do Q\n${line('The scanned minutes of the works council.', 600, '3 Tr')}`,
        resources: '/XObject << /I1 6 0 R >>',
        objects: [picture],
      });
      expect(text).toContain('scanned minutes');
      expect(warnings).toEqual([]);
    }
  });

  it('is left out in layers that are switched off, also where a layer lies over other text', async () => {
    const layers: DrawnPage = {
      content: [
        shown,
        `/OC /L1 BDC ${line('Draft: ask for nine percent.', 600)} EMC`,
        `/OC /L1 BDC ${line('Entwurf', 684)} EMC`,
        `/OC /L2 BDC ${line('Approved in May.', 560)} EMC`,
        '/X1 Do',
      ].join('\n'),
      resources: '/Properties << /L1 6 0 R /L2 7 0 R >> /XObject << /X1 8 0 R >>',
      catalog: '/OCProperties << /OCGs [6 0 R 7 0 R] /D << /OFF [6 0 R] >> >>',
      objects: [
        '<< /Type /OCG /Name (Drafts) >>',
        '<< /Type /OCG /Name (Final) >>',
        `<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /OC 6 0 R /Resources << /Font << /F1 5 0 R >> >> /Length ${line('Reserve of seven units.', 500).length} >>\nstream\n${line('Reserve of seven units.', 500)}\nendstream`,
      ],
    };
    const { text, warnings } = await read(layers);
    expect(text).toContain('The price of a box is agreed upon in spring.');
    expect(text).toContain('Approved in May.');
    expect(text).not.toMatch(/Draft|Entwurf|Reserve/);
    expect(warnings).toMatchObject([{ code: 'hidden_left_out', params: { layer: 3 } }]);
  });

  it('is left out outside the visible page', async () => {
    const { text, warnings } = await read({
      content: `${shown}\n${line('Plate of the printer, job 8841.', 20)}`,
      page: '/CropBox [20 50 575 800]',
    });
    expect(text).not.toContain('8841');
    expect(warnings).toMatchObject([{ code: 'hidden_left_out', params: { outside: 1 } }]);
  });

  it('is left out in hidden form fields', async () => {
    const field = (name: string, value: string, flags: number, y: number): string =>
      `<< /Type /Annot /Subtype /Widget /FT /Tx /T (${name}) /V (${value}) /F ${flags} /Rect [200 ${y} 400 ${y + 18}] /DA (/F1 11 Tf 0 g) >>`;
    const { text, warnings } = await read({
      content: `${shown}\n${line('Name:', 600)}\n${line('Score:', 560)}`,
      page: '/Annots [6 0 R 7 0 R]',
      catalog: '/AcroForm << /Fields [6 0 R 7 0 R] /DR << /Font << /F1 5 0 R >> >> >>',
      objects: [field('name', 'Ida Moss', 4, 596), field('score', 'seventeen', 2, 556)],
    });
    expect(text).toContain('Ida Moss');
    expect(text).not.toContain('seventeen');
    expect(warnings).toMatchObject([{ code: 'hidden_left_out', params: { field: 1 } }]);
  });
});

describe('the signs of a PDF', () => {
  it('are found in streams that are packed as text', () => {
    // `3 Tr (a) Tj` in base 85
    const packed = Buffer.from('1 0 obj << /Filter /ASCII85Decode >> stream\n1E]Y;+=LYI+B3(~>\nendstream');
    expect(readSigns(packed).invisible).toBe(true);
  });

  it('do not take a crop box for one that is the whole page', () => {
    const boxes = (crop: string): boolean =>
      readSigns(Buffer.from(`/MediaBox [0 0 595 842] /CropBox [${crop}]`)).cropped;
    expect(boxes('0 0 595.2 842')).toBe(false);
    expect(boxes('9 9 580 800')).toBe(true);
  });
});
