import { strToU8, zipSync } from 'fflate';
import sharp from 'sharp';

/** A docx whose picture and template lie at an address. */
export function docxLinkingTo(url: string): Buffer {
  const relation = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const relations = (inner: string) =>
    strToU8(
      `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${inner}</Relationships>`,
    );
  const link = (id: string, type: string, target: string, mode = '') =>
    `<Relationship Id="${id}" Type="${relation}/${type}" Target="${target}"${mode}/>`;
  const external = ' TargetMode="External"';
  return Buffer.from(
    zipSync({
      '[Content_Types].xml': strToU8(
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
      ),
      '_rels/.rels': relations(link('rId1', 'officeDocument', 'word/document.xml')),
      'word/document.xml': strToU8(
        `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="${relation}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><w:body><w:p><w:r><w:t>A letter with a picture from elsewhere.</w:t></w:r><w:r><w:drawing><a:blip r:link="rId9"/></w:drawing></w:r></w:p></w:body></w:document>`,
      ),
      'word/_rels/document.xml.rels': relations(link('rId9', 'image', `${url}/picture.png`, external)),
      'word/_rels/settings.xml.rels': relations(
        link('rId1', 'attachedTemplate', `${url}/template.dotm`, external),
      ),
    }),
  );
}

/** A small picture behind `bytes` of colour profile. */
export async function jpegWithProfile(bytes: number): Promise<Buffer> {
  const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'white' } })
    .jpeg()
    .toBuffer();
  const segment = Buffer.alloc(65_535, 0x41);
  segment.writeUInt16BE(0xffe2, 0);
  segment.writeUInt16BE(65_533, 2);
  segment.write('ICC_PROFILE\0', 4, 'latin1');
  const segments = Array.from({ length: Math.ceil(bytes / segment.length) }, () => segment);
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

const chunk = (name: string, body: Buffer): Buffer => {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from(name), size, body, Buffer.alloc(body.length % 2)]);
};

/** A WebP of one pixel with as many frames as asked for. */
export async function animatedWebp(frames: number): Promise<Buffer> {
  const still = await sharp({ create: { width: 1, height: 1, channels: 4, background: 'white' } })
    .webp({ lossless: true })
    .toBuffer();
  const at = still.indexOf('VP8L');
  const frame = chunk('ANMF', Buffer.concat([Buffer.alloc(16), still.subarray(at)]));
  const parts = [
    chunk('VP8X', Buffer.from([0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
    chunk('ANIM', Buffer.alloc(6)),
    ...Array.from({ length: frames }, () => frame),
  ];
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...parts]));
}
