// A small PDF writer: A4, Helvetica, one section a page, a running head and a page number.
const size = { width: 595, height: 842, margin: 72 };
// Widths of Helvetica from space to tilde, in thousandths of the font size (Adobe's font metrics)
const ascii =
  '278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584'
    .split(' ')
    .map(Number);
const others = { Ä: 667, Ö: 778, Ü: 722, ß: 611, '°': 400, é: 556 };
// WinAnsi is Latin-1 but for 0x80 to 0x9f
const windows = {
  '€': 0x80,
  '‚': 0x82,
  '„': 0x84,
  '…': 0x85,
  '‘': 0x91,
  '’': 0x92,
  '“': 0x93,
  '”': 0x94,
  '•': 0x95,
  '–': 0x96,
  '—': 0x97,
};

const measureWidth = (text, points) =>
  ([...text].reduce((sum, letter) => sum + (ascii[letter.charCodeAt(0) - 32] ?? others[letter] ?? 556), 0) *
    points) /
  1000;
const literal = (text) =>
  `(${[...text]
    .map((letter) => String.fromCharCode(windows[letter] ?? letter.charCodeAt(0)))
    .join('')
    .replace(/[\\()]/g, '\\$&')})`;

function wrap(text, points, width) {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (measureWidth(longer, points) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The operators that draw `lines` from `top` down; returns where the next block begins. */
function block(lines, font, points, top, leading) {
  const drawn = lines.map(
    (line, index) =>
      `BT /${font} ${points} Tf ${size.margin} ${(top - index * leading).toFixed(1)} Td ${literal(line)} Tj ET`,
  );
  return { drawn, next: top - lines.length * leading };
}

function page({ heading, paragraphs, lines: entries }, number, total, head, words) {
  const width = size.width - 2 * size.margin;
  const title = block(wrap(heading, 20, width * 0.95), 'F2', 20, 735, 26);
  const drawn = [...title.drawn];
  let top = title.next - 14;
  for (const text of paragraphs ?? []) {
    const part = block(wrap(text, 11.5, width), 'F1', 11.5, top, 17);
    drawn.push(...part.drawn);
    top = part.next - 8;
  }
  if (entries) drawn.push(...block(entries, 'F1', 11.5, top, 20).drawn);
  const footer = `${words.page} ${number} / ${total}`;
  drawn.push(`BT /F1 9 Tf ${size.margin} 795 Td ${literal(head)} Tj ET`);
  drawn.push(
    `BT /F1 9 Tf ${((size.width - measureWidth(footer, 9)) / 2).toFixed(1)} 40 Td ${literal(footer)} Tj ET`,
  );
  return drawn.join('\n');
}

/**
 * @param sections `{heading, paragraphs}`; the first is the cover
 * @param words `language`, the word for page, and the
 * heading of the table of contents where there is to be one
 */
export function buildPdf(sections, words) {
  const [cover] = sections;
  const pages = [...sections];
  if (words.contents) {
    const lines = sections
      .slice(1)
      .map(
        ({ heading }, index) => `${heading}  ${'.'.repeat(Math.max(3, 70 - heading.length))}  ${index + 3}`,
      );
    pages.splice(1, 0, { heading: words.contents, lines });
  }
  const streams = pages.map((content, index) => page(content, index + 1, pages.length, cover.heading, words));
  const font = (name) => `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R /Lang (${words.language}) >>`,
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, index) => `${6 + index * 2} 0 R`).join(' ')}] >>`,
    font('Helvetica'),
    font('Helvetica-Bold'),
    `<< /Title ${literal(cover.heading)} /Author (Alderbrook Instruments) /CreationDate (D:20260105090000Z) >>`,
    ...streams.flatMap((stream, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${size.width} ${size.height}] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${7 + index * 2} 0 R >>`,
      `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    ]),
  ];
  let text = '%PDF-1.4\n%\xe2\xe3\xcf\xd3\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}
