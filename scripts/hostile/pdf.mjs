// PDF files, from a list of objects; the hostile ones and the plain one beside them.
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { deflatedRun, zip, zlibRun } from './zip.mjs';

/** Object `n` is `objects[n - 1]`: a string, or `{dict, stream}`. */
export function pdf(objects, { trailer = '/Root 1 0 R', tail = '' } = {}) {
  const parts = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  const offsets = [];
  let length = parts[0].length;
  const add = (buffer) => {
    parts.push(buffer);
    length += buffer.length;
  };
  objects.forEach((object, index) => {
    offsets.push(length);
    const { dict, stream } = typeof object === 'string' ? { dict: object } : object;
    const body = stream === undefined ? undefined : Buffer.from(stream, 'latin1');
    add(
      Buffer.from(
        `${index + 1} 0 obj\n${body ? dict.replace('LENGTH', String(body.length)) : dict}\n`,
        'latin1',
      ),
    );
    if (body) add(Buffer.concat([Buffer.from('stream\n'), body, Buffer.from('\nendstream\n')]));
    add(Buffer.from('endobj\n'));
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  add(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} ${trailer} >>\nstartxref\n${length}\n%%EOF\n${tail}`,
      'latin1',
    ),
  );
  return Buffer.concat(parts);
}

const catalog = '<< /Type /Catalog /Pages 2 0 R >>';
const pages = '<< /Type /Pages /Kids [3 0 R] /Count 1 >>';
const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
const page = (resources = '/Font << /F1 4 0 R >>', box = '[0 0 612 792]') =>
  `<< /Type /Page /Parent 2 0 R /MediaBox ${box} /Resources << ${resources} >> /Contents 5 0 R >>`;
const text = (words) => `BT /F1 12 Tf 72 720 Td (${words}) Tj ET`;
const innocent = text('An innocent page about the leave policy of the company and its thirty days.');
const stream = (data, dict = '') => ({ dict: `<< /Length LENGTH ${dict} >>`, stream: data });
const onePage = (content, extra = [], resources, box, options) =>
  pdf(
    [
      catalog,
      pages,
      page(resources, box),
      font,
      typeof content === 'string' ? stream(content) : content,
      ...extra,
    ],
    options,
  );

export const plainPdf = () => onePage(innocent);

function nestedForms(depth, calls) {
  const form = (next) =>
    stream(
      '/X Do '.repeat(calls),
      `/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /X ${next} 0 R >> >>`,
    );
  const chain = Array.from({ length: depth }, (_, index) => form(7 + index));
  const last = stream(
    text('deep'),
    '/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 4 0 R >> >>',
  );
  return onePage('/X Do', [...chain, last], '/Font << /F1 4 0 R >> /XObject << /X 6 0 R >>');
}

function manyPages(count) {
  return pdf([
    catalog,
    `<< /Type /Pages /Kids [${'3 0 R '.repeat(count)}] /Count ${count} >>`,
    page(),
    font,
    stream(innocent),
  ]);
}

function deepTree(depth) {
  const nodes = Array.from(
    { length: depth },
    (_, index) => `<< /Type /Pages /Kids [${6 + index + 1} 0 R] /Count 1 >>`,
  );
  return pdf([
    catalog,
    '<< /Type /Pages /Kids [6 0 R] /Count 1 >>',
    page(),
    font,
    stream(innocent),
    ...nodes,
    page(),
  ]);
}

const pad = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');
const md5 = (...data) => createHash('md5').update(Buffer.concat(data)).digest();

function rc4(key, data) {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + state[i] + key[i % key.length]) & 255;
    [state[i], state[j]] = [state[j], state[i]];
  }
  let i = 0;
  let j = 0;
  return Buffer.from(data).map((byte) => {
    i = (i + 1) & 255;
    j = (j + state[i]) & 255;
    [state[i], state[j]] = [state[j], state[i]];
    return byte ^ state[(state[i] + state[j]) & 255];
  });
}

/** Standard security handler, revision 2 (ISO 32000-1, 7.6.3). An empty user password opens it. */
function encrypted(userPassword) {
  const id = md5(Buffer.from('hostile'));
  const padded = (password) => Buffer.concat([Buffer.from(password), pad]).subarray(0, 32);
  const owner = rc4(md5(padded('owner')).subarray(0, 5), padded(userPassword));
  const permissions = Buffer.from('c0ffffff', 'hex');
  const key = md5(padded(userPassword), owner, permissions, id).subarray(0, 5);
  const user = rc4(key, pad);
  const content = rc4(md5(key, Buffer.from([5, 0, 0, 0, 0])).subarray(0, 10), Buffer.from(innocent));
  const hex = (bytes) => `<${bytes.toString('hex')}>`;
  const dict = `<< /Filter /Standard /V 1 /R 2 /O ${hex(owner)} /U ${hex(user)} /P ${permissions.readInt32LE(0)} >>`;
  return onePage(stream(content.toString('latin1')), [dict], undefined, undefined, {
    trailer: `/Root 1 0 R /Encrypt 6 0 R /ID [${hex(id)} ${hex(id)}]`,
  });
}

const image = (width, height, data, extra = '') =>
  stream(
    data,
    `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceGray /BitsPerComponent 8 ${extra}`,
  );
const scan = (width, height, data, extra) =>
  onePage('q 612 0 0 792 0 0 cm /Im Do Q', [image(width, height, data, extra)], '/XObject << /Im 6 0 R >>');

const bombed = [
  'archive_bomb',
  'parser_crashed',
  'parse_timeout',
  'corrupt_document',
  'needs_ocr',
  'no_text_content',
  'too_large',
];
const hung = ['parse_timeout', 'parser_crashed', 'corrupt_document', 'no_text_content', 'needs_ocr', 'ok'];

/** @returns rows of `[name, bytes, expected codes]`, `ok` for a file that must be read. */
export function pdfFiles() {
  const whole = plainPdf();
  const flate = stream(zlibRun(5 * 1024 ** 3).toString('latin1'), '/Filter /FlateDecode');
  const twice = stream(
    deflateSync(zlibRun(2 * 1024 ** 3), { level: 9 }).toString('latin1'),
    '/Filter [/FlateDecode /FlateDecode]',
  );
  const javascript = [
    '<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.launchURL("http://127.0.0.1:9")) >> /AA << /WC << /S /Launch /F (calc.exe) >> >> >>',
    pages,
    page(),
    font,
    stream(innocent),
  ];
  return [
    ['plain.pdf', whole, ['ok']],
    ['header-only.pdf', '%PDF-1.7\n', ['corrupt_document']],
    ['header-and-noise.pdf', Buffer.concat([Buffer.from('%PDF-1.7\n'), noise(50_000)]), ['corrupt_document']],
    [
      'truncated-half.pdf',
      whole.subarray(0, whole.length / 2),
      ['corrupt_document', 'no_text_content', 'ok'],
    ],
    ['truncated-xref.pdf', whole.subarray(0, whole.length - 120), ['ok', 'corrupt_document']],
    [
      'junk-before-header.pdf',
      Buffer.concat([Buffer.from('x\n'.repeat(200)), whole]),
      ['ok', 'corrupt_document'],
    ],
    ['flate-bomb-5gb.pdf', onePage(flate), bombed],
    ['flate-bomb-nested.pdf', onePage(twice), bombed],
    ['pages-200k.pdf', manyPages(200_000), ['too_large']],
    ['page-tree-loop.pdf', pdf([catalog, '<< /Type /Pages /Kids [2 0 R] /Count 1 >>']), hung],
    ['page-tree-deep.pdf', deepTree(20_000), hung],
    [
      'page-count-lies.pdf',
      pdf([catalog, '<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>', page(), font, stream(innocent)]),
      ['ok', 'too_large', 'corrupt_document', ...hung],
    ],
    [
      'no-pages.pdf',
      pdf([catalog, '<< /Type /Pages /Kids [] /Count 0 >>']),
      ['corrupt_document', 'no_text_content'],
    ],
    ['blank-page.pdf', onePage('q Q'), ['no_text_content']],
    [
      'form-calls-itself.pdf',
      onePage(
        '/X Do',
        [
          stream(
            '/X Do',
            '/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >>',
          ),
        ],
        '/XObject << /X 6 0 R >>',
      ),
      hung,
    ],
    ['forms-nested-10-to-the-9.pdf', nestedForms(9, 10), hung],
    [
      'xref-loop.pdf',
      onePage(innocent, [], undefined, undefined, { trailer: '/Root 1 0 R /Prev 9' }),
      ['ok', ...hung],
    ],
    ['length-loop.pdf', onePage({ dict: '<< /Length 5 0 R >>', stream: innocent }), ['ok', ...hung]],
    ['scan.pdf', scan(200, 260, Buffer.alloc(52_000, 200).toString('latin1')), ['needs_ocr']],
    [
      'image-bomb.pdf',
      scan(60_000, 60_000, zlibRun(3600 * 1024 ** 2).toString('latin1'), '/Filter /FlateDecode'),
      ['needs_ocr', ...bombed],
    ],
    ['huge-media-box.pdf', onePage(innocent, [], undefined, '[0 0 100000000 100000000]'), ['ok', ...hung]],
    [
      'million-operators.pdf',
      onePage(
        stream(
          deflateSync(Buffer.from(`BT /F1 1 Tf ${'1 0 Td (x) Tj '.repeat(400_000)}ET`)).toString('latin1'),
          '/Filter /FlateDecode',
        ),
      ),
      ['ok', ...hung],
    ],
    ['user-password.pdf', encrypted('secret'), ['encrypted_document']],
    ['owner-password-only.pdf', encrypted(''), ['ok']],
    ['javascript-and-launch.pdf', pdf(javascript), ['ok']],
    ['pdf-zip-polyglot.pdf', Buffer.concat([whole, zip([{ name: 'evil.txt', data: 'zip' }])]), ['ok']],
    [
      'raw-deflate.pdf',
      onePage(stream(deflatedRun(1024 ** 2).toString('latin1'), '/Filter /FlateDecode')),
      ['ok', ...bombed],
    ],
  ];
}

/** The same bytes at every run. */
export function noise(bytes, seed = 1) {
  const out = Buffer.alloc(bytes);
  for (let at = 0, state = seed; at < bytes; at += 1) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    out[at] = state >> 16;
  }
  return out;
}
