// Text formats: nested, endless, lying about themselves.
import { noise, plainPdf } from './pdf.mjs';

const prose = 'The quick brown fox jumps over the lazy dog, and the report says so on every page of it. ';
const gif = Buffer.from(
  '47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b',
  'hex',
);
const exe = Buffer.concat([Buffer.from('4d5a90000300000004000000ffff0000b8', 'hex'), noise(4000, 7)]);
const png = Buffer.from(
  '89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082',
  'hex',
);

const laughs = (levels) =>
  `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from({ length: levels }, (_, index) => `<!ENTITY lol${index + 1} "${`&lol${index || ''};`.repeat(10)}">`).join('')}]><lolz>&lol${levels};</lolz>`;

function jsonFiles() {
  return [
    ['deep.json', '['.repeat(100_000) + ']'.repeat(100_000), ['corrupt_document']],
    ['deep-objects.json', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, ['corrupt_document']],
    ['unclosed.json', '{"a": [1, 2', ['corrupt_document']],
    ['not-json.json', prose, ['corrupt_document']],
    [
      'proto.json',
      '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": "yes"}}, "text": "hello there"}',
      ['ok'],
    ],
    ['big-numbers.json', '{"id": 12345678901234567890, "n": 1e400, "text": "hello there"}', ['ok']],
    [
      'lines-one-bad.jsonl',
      Array.from({ length: 50 }, (_, index) =>
        index === 20 ? '{broken' : `{"line": ${index}, "text": "hello"}`,
      ).join('\n'),
      ['ok'],
    ],
    [
      'million-keys.json',
      `{${Array.from({ length: 300_000 }, (_, index) => `"k${index}":${index}`).join(',')}}`,
      ['ok'],
    ],
  ];
}

function xmlFiles() {
  return [
    ['billion-laughs.xml', laughs(9), ['archive_bomb']],
    [
      'quadratic.xml',
      `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(50_000)}">]><x>${'&a;'.repeat(50_000)}</x>`,
      ['archive_bomb'],
    ],
    [
      'external-entity.xml',
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
      ['archive_bomb'],
    ],
    ['deep.xml', `${'<a>'.repeat(100_000)}x${'</a>'.repeat(100_000)}`, ['corrupt_document']],
    ['numeric-entities.xml', `<x>${'&#65;'.repeat(1_000_000)}</x>`, ['ok']],
    ['unclosed.xml', '<row><cell>text</cell>'.repeat(1000), ['corrupt_document', 'ok']],
    ['no-element.xml', prose, ['corrupt_document']],
    [
      'million-attributes.xml',
      `<x ${Array.from({ length: 200_000 }, (_, index) => `a${index}="v"`).join(' ')}>text</x>`,
      ['ok', 'too_large'],
    ],
  ];
}

function htmlFiles() {
  return [
    ['deep.html', `${'<div>'.repeat(200_000)}hello${'</div>'.repeat(200_000)}`, ['ok', 'corrupt_document']],
    [
      'deep-lists.html',
      `${'<ul><li>'.repeat(20_000)}hello`,
      ['ok', 'corrupt_document', 'too_large', 'parse_timeout', 'parser_crashed'],
    ],
    [
      'deep-tables.html',
      `${'<table><tr><td>'.repeat(5_000)}hello`,
      ['ok', 'corrupt_document', 'too_large', 'parse_timeout', 'parser_crashed'],
    ],
    [
      'unclosed-tags.html',
      `<p>${'<b><i>x '.repeat(300_000)}`,
      ['ok', 'corrupt_document', 'too_large', 'parse_timeout', 'parser_crashed'],
    ],
    ['huge-attribute.html', `<p title="${'a'.repeat(20_000_000)}">hello there</p>`, ['ok']],
    [
      'colspan-bomb.html',
      `<table><tr><td colspan="100000000">a</td><td rowspan="100000000">b</td></tr></table><p>${prose}</p>`,
      ['ok'],
    ],
    [
      'script-only.html',
      '<html><script>while(true){}</script><style>a{}</style></html>',
      ['no_text_content'],
    ],
    ['unterminated-comment.html', `<!--${'-'.repeat(1_000_000)}<p>hello`, ['ok', 'no_text_content']],
  ];
}

function tableFiles() {
  return [
    [
      'wide.csv',
      `${Array.from({ length: 100_000 }, (_, index) => index).join(',')}\n`.repeat(2),
      ['too_large'],
    ],
    ['unclosed-quote.csv', `a,b,c\n1,"open,3\n${'4,5,6\n'.repeat(200_000)}`, ['ok']],
    ['huge-cell.csv', `a,b\n1,${'x'.repeat(20_000_000)}\n`, ['too_large']],
    ['quotes-only.csv', '"'.repeat(2_000_000), ['ok', 'no_text_content', 'too_large', 'corrupt_document']],
    ['million-rows.csv', `id,name\n${'1,someone\n'.repeat(1_000_000)}`, ['ok']],
    ['formula.csv', "name,value\n=cmd|' /C calc'!A0,1\n", ['ok']],
    [
      'one-wide-row.csv',
      `${'a,b\n'.repeat(50_000)}${Array.from({ length: 16_000 }, () => 'x').join(',')}\n`,
      ['ok', 'too_large'],
    ],
  ];
}

function plainFiles() {
  return [
    ['plain.txt', prose.repeat(20), ['ok']],
    ['plain.md', `# Title\n\n${prose}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n`, ['ok']],
    ['zero.txt', '', ['empty_file']],
    ['zero.pdf', '', ['empty_file']],
    ['zero.docx', '', ['empty_file']],
    ['whitespace.txt', ' \n\t\r\n'.repeat(1000), ['no_text_content']],
    ['only-nul.txt', Buffer.alloc(65_536), ['content_mismatch', 'no_text_content']],
    ['noise.txt', noise(20_000), ['content_mismatch']],
    ['noise.csv', noise(20_000, 2), ['content_mismatch']],
    ['noise.html', noise(20_000, 3), ['content_mismatch']],
    ['noise.json', noise(20_000, 4), ['content_mismatch']],
    [
      'text-then-noise.txt',
      Buffer.concat([Buffer.from(prose.repeat(2000)), noise(400_000)]),
      ['content_mismatch'],
    ],
    ['nested-quotes.md', `${'>'.repeat(1_000_000)} hello`, ['ok']],
    ['brackets.md', `${'['.repeat(500_000)}hello${']('.repeat(100_000)}`, ['ok']],
    ['asterisks.md', '*a_'.repeat(300_000), ['ok']],
    ['one-line-5mb.txt', 'abcdefghij'.repeat(500_000), ['ok']],
    ['lone-surrogates.txt', Buffer.from('fffe610000d8620000dc63002000680065006c006c006f00', 'hex'), ['ok']],
    [
      'eicar.txt',
      ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE', '!$H+H*'].join(''),
      ['ok'],
    ],
  ];
}

function misnamedFiles() {
  const page = `<!doctype html><html><body><p>${prose}</p></body></html>`;
  return [
    ['really-pdf.docx', plainPdf(), ['content_mismatch']],
    ['really-pdf.txt', plainPdf(), ['content_mismatch']],
    ['really-text.pdf', prose, ['content_mismatch']],
    ['really-text.docx', prose, ['content_mismatch']],
    ['really-html.doc', page, ['ok']],
    ['really-html.xls', page, ['ok']],
    ['really-html.csv', page, ['content_mismatch']],
    ['really-rtf.doc', '{\\rtf1\\ansi hello there}', ['ok']],
    ['really-exe.pdf', exe, ['content_mismatch']],
    ['really-exe.txt', exe, ['content_mismatch']],
    ['really-gif.png', gif, ['content_mismatch']],
    ['really-png.jpg', png, ['content_mismatch']],
    [
      'gif-html-polyglot.html',
      Buffer.concat([Buffer.from('GIF89a/*'), Buffer.from(page)]),
      ['ok', 'content_mismatch'],
    ],
    ['photo.png', png, ['needs_ocr']],
    [
      'script.svg',
      '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
      ['unsupported_file_type'],
    ],
    ['pixel.gif', gif, ['unsupported_file_type']],
    ['program.exe', exe, ['unsupported_file_type']],
    ['.env', 'SECRET=1\n', ['unsupported_file_type']],
    ['README', prose, ['unsupported_file_type']],
  ];
}

/** @returns rows of `[name, bytes, expected codes]` */
export function textFiles() {
  return [
    ...plainFiles(),
    ...misnamedFiles(),
    ...jsonFiles(),
    ...xmlFiles(),
    ...htmlFiles(),
    ...tableFiles(),
  ];
}
