/** Lines of text, a picture that looks like text, or a real scan as a JPEG. */
export type PdfPage = readonly string[] | 'scan' | Buffer;

const side = 64;

interface Drawn {
  stream: string;
  resources: string;
}

/** A plain PDF in Helvetica; enough for a text layer that every reader understands, or for none at all. */
export function buildPdf(pages: readonly PdfPage[]): Buffer {
  const font = 3 + pages.length * 2;
  const picture = font + 1;
  const kids = pages.map((_page, index) => `${3 + index * 2} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
  ];
  const scans: string[] = [];
  for (const [index, page] of pages.entries()) {
    const at = Buffer.isBuffer(page) ? picture + 1 + scans.push(jpegObject(page)) - 1 : picture;
    const isScan = page === 'scan' || Buffer.isBuffer(page);
    const { stream, resources } = isScan ? scanned(at) : written(page, font);
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${4 + index * 2} 0 R /Resources ${resources} >>`,
    );
    objects.push(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
  }
  objects.push('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>', pictureObject(), ...scans);
  return buildFile(objects);
}

/** A page as PDF code. */
export interface DrawnPage {
  content: string;
  /** Further entries of the page, its resources and the catalog. */
  page?: string;
  resources?: string;
  catalog?: string;
  /** Objects from number 6 on. */
  objects?: readonly string[];
}

/** A PDF of one page of 595 by 842 points with Helvetica as `/F1`. */
export function buildDrawnPdf(drawn: DrawnPage): Buffer {
  const { content, page = '', resources = '', catalog = '', objects = [] } = drawn;
  return buildFile([
    `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R ${page} /Resources << /Font << /F1 5 0 R >> ${resources} >> >>`,
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...objects,
  ]);
}

function written(lines: readonly string[], font: number): Drawn {
  const text = lines.map((line) => `(${line.replace(/[\\()]/g, '\\$&')}) Tj T*`).join('\n');
  return {
    stream: `BT /F1 10 Tf 14 TL 50 790 Td\n${text}\nET`,
    resources: `<< /Font << /F1 ${font} 0 R >> >>`,
  };
}

const scanned = (picture: number): Drawn => ({
  stream: 'q 595 0 0 842 0 0 cm /I1 Do Q',
  resources: `<< /XObject << /I1 ${picture} 0 R >> >>`,
});

function pictureObject(): string {
  const grey = Array.from({ length: side * side }, (_unused, place) =>
    String.fromCharCode(Math.floor(place / side) % 4 === 0 ? 0x20 : 0x70),
  ).join('');
  const image = `/Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceGray /BitsPerComponent 8`;
  return `<< ${image} /Length ${grey.length} >>\nstream\n${grey}\nendstream`;
}

function jpegObject(jpeg: Buffer): string {
  // Height and width stand in the frame header.
  const frame = jpeg.findIndex((byte, at) => byte === 0xff && [0xc0, 0xc1, 0xc2].includes(jpeg[at + 1] ?? 0));
  const colours = jpeg[frame + 9] === 1 ? 'DeviceGray' : 'DeviceRGB';
  const [height, width] = [jpeg.readUInt16BE(frame + 5), jpeg.readUInt16BE(frame + 7)];
  const image = `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /${colours} /BitsPerComponent 8`;
  return `<< ${image} /Filter /DCTDecode /Length ${jpeg.length} >>\nstream\n${jpeg.toString('latin1')}\nendstream`;
}

function buildFile(objects: string[]): Buffer {
  let file = '%PDF-1.4\n';
  const places = objects.map((body, index) => {
    const place = file.length;
    file += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return place;
  });
  const rows = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const xref = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\n`;
  return Buffer.from(`${file}${xref}startxref\n${file.length}\n%%EOF\n`, 'latin1');
}
