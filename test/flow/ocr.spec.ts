import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { buildPdf } from '../pdf.js';

const scan = (name: string): Buffer => readFileSync(new URL(`../files/ocr/${name}`, import.meta.url));

interface Document {
  id: string;
  status: string;
  pages: number;
  language: string | null;
  warnings: { code: string; pages?: number[] }[];
}

describe('scans on a machine without a vision model', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await bootApp({ OCR_DRIVER: 'local' });
  });
  afterAll(() => app.close());

  const uploaded = async (filename: string, bytes: Buffer): Promise<Document> => {
    const { documents } = await app.uploaded({ [filename]: bytes }, { document_set: filename });
    return (await app.call<Document>('GET', `/agent/documents/${documents[0]?.id}`)).body;
  };

  it('are read on pages of a PDF that need it, while the other pages keep their text layer', async () => {
    const lines = ['The canteen opens at noon and closes at two.', 'It is on the ground floor of house B.'];
    const document = await uploaded('mixed.pdf', buildPdf([lines, scan('en-150.jpg')]));
    expect(document).toMatchObject({ status: 'ready', pages: 2 });
    expect(document.warnings).toMatchObject([
      { code: 'pages_read_by_ocr', pages: [2], params: { confidence: expect.any(Number) } },
    ]);
    const byOcr = await app.search('How often is the cooling plant inspected?', {
      document_set: 'mixed.pdf',
    });
    expect(byOcr.results[0]?.content).toContain('every 90 days');
    expect(byOcr.citations[0]).toMatchObject({ page: 2, source: 'ocr', verified: true });
    const byText = await app.search('When does the canteen open?', { document_set: 'mixed.pdf' });
    expect(byText.citations[0]).toMatchObject({ page: 1 });
  });

  it('may be images, in German too', async () => {
    const document = await uploaded('aushang.jpg', scan('de-150.jpg'));
    expect(document).toMatchObject({ status: 'ready', language: 'de' });
    const { results } = await app.search('Wie lange darf die Anlage abgeschaltet werden?', {
      document_set: 'aushang.jpg',
    });
    expect(results[0]?.content).toContain('höchstens 45 Minuten');
    const heights = await Promise.all(
      [72, 96].map(async (dpi) => {
        const picture = await fetch(`${app.url}/agent/documents/${document.id}/pages/1.png?dpi=${dpi}`);
        return Buffer.from(await picture.arrayBuffer()).readUInt32BE(20);
      }),
    );
    // 17 inches at the longest side
    expect(heights).toEqual([1224, 1632]);
  });

  it('end with needs_ocr when nothing on them can be read', async () => {
    const { documents } = await app.upload({ 'blank.pdf': buildPdf(['scan']) }).then(({ body }) => body);
    const task = await app.ended(documents[0]?.task_id ?? '');
    expect(task).toMatchObject({ status: 'FAILURE', error: { code: 'needs_ocr' } });
  });
});

describe('OCR data in a folder of the operator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'docent-ocr-data-'));
  const packaged = dirname(createRequire(import.meta.url).resolve('@tesseract.js-data/eng/package.json'));
  const file = 'eng.traineddata.gz';
  let app: TestApp;
  beforeAll(async () => {
    copyFileSync(join(packaged, '4.0.0_best_int', file), join(folder, file));
    app = await bootApp({ OCR_DRIVER: 'local', OCR_LANGUAGES: 'eng', OCR_DATA_DIR: folder });
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('can be read by the sealed parser process', async () => {
    await app.uploaded({ 'notice.jpg': scan('en-150.jpg') });
    const { results } = await app.search('How often is the cooling plant inspected?');
    expect(results[0]?.content).toContain('every 90 days');
  });
});
