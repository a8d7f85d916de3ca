import { describe, expect, it } from '@jest/globals';
import { buildDocx, buildZip, parseWith, findProblem } from '../../../../../test/office-files.js';
import { parse } from './eml.js';

const mail = (...lines: string[]) => Buffer.from(lines.join('\r\n'), 'latin1');
const read = async (...lines: string[]) =>
  (await parseWith(parse, mail(...lines))).parts.map((part) => part.markdown);

describe('mail attachments', () => {
  const carrying = (...files: [name: string, body: Buffer][]) =>
    mail(
      'Subject: Crane',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'See the files.',
      ...files.flatMap(([name, body]) => [
        '--b',
        `Content-Disposition: attachment; filename="${name}"`,
        'Content-Transfer-Encoding: base64',
        '',
        body.toString('base64'),
      ]),
      '--b--',
    );

  it('become parts of the message under their file name, read by the parser of their format', async () => {
    const text = '<w:p><w:r><w:t>Helmets are mandatory.</w:t></w:r></w:p>';
    const { parts, warnings } = await parseWith(
      parse,
      carrying(
        ['plan.csv', Buffer.from('Part,Date\nWeight,2025-03-24\n')],
        ['rules.docx', buildDocx(text)],
        ['logo.bmp', Buffer.of(1, 2)],
      ),
    );
    expect(parts.map(({ label, markdown }) => [label, markdown])).toEqual([
      [null, '# Crane\n\nSee the files.\n\nAttachments: plan.csv, rules.docx, logo.bmp'],
      ['plan.csv', '| Part | Date |\n| --- | --- |\n| Weight | 2025-03-24 |'],
      ['rules.docx', 'Helmets are mandatory.'],
    ]);
    expect(warnings).toEqual([]);
  });

  it('are named texts behind the message, though the mail shows them in line', async () => {
    const message = mail(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      'See the file.',
      '--b',
      'Content-Type: text/plain; name=rooms.txt',
      'Content-Disposition: inline; filename=rooms.txt',
      '',
      'Room 4.12 is free.',
      '--b--',
    );
    const { parts } = await parseWith(parse, message);
    expect(parts.map(({ label, markdown }) => [label, markdown])).toEqual([
      [null, 'See the file.\n\nAttachments: rooms.txt'],
      ['rooms.txt', 'Room 4.12 is free.'],
    ]);
  });

  it('are read out of archives, and without a name by their type', async () => {
    const archive = buildZip({ 'hr/rules.md': 'Helmets are mandatory.', 'tool.exe': 'MZ' });
    const { parts, warnings } = await parseWith(
      parse,
      carrying(['docs.zip', archive], ['film.mp4', Buffer.of(1)]),
    );
    expect(parts.map(({ label }) => label)).toEqual([null, 'docs.zip/hr/rules.md']);
    expect(warnings.map(({ detail }) => detail)).toEqual([
      'docs.zip/tool.exe was not read: docent does not read its format.',
      'film.mp4 was not read: docent does not read its format.',
    ]);
    const unnamed = mail(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      'hi',
      '--b',
      'Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'Content-Transfer-Encoding: base64',
      '',
      buildDocx('<w:p><w:r><w:t>Unnamed.</w:t></w:r></w:p>').toString('base64'),
      '--b--',
    );
    expect((await parseWith(parse, unnamed)).parts[1]).toMatchObject({
      label: 'attachment.docx',
      markdown: 'Unnamed.',
    });
  });

  it('report what could not be read, and are bounded in number and depth', async () => {
    const broken = await parseWith(parse, carrying(['a.docx', Buffer.from('PK\x03\x04 cut off')]));
    expect(broken.warnings).toMatchObject([
      { code: 'attachment_unreadable', detail: expect.stringContaining('a.docx') },
    ]);
    const many = Array.from({ length: 52 }, (_, i): [string, Buffer] => [`${i}.txt`, Buffer.from('words')]);
    const { parts, warnings } = await parseWith(parse, carrying(...many));
    expect(parts).toHaveLength(51);
    expect(warnings.map(({ code }) => code)).toEqual(['attachment_left_out', 'attachment_left_out']);
    let nested = carrying(['x.txt', Buffer.from('innermost')]);
    for (let i = 0; i < 5; i++) nested = carrying(['mail.eml', nested]);
    expect((await parseWith(parse, nested)).warnings.map(({ code }) => code)).toEqual([
      'attachment_left_out',
    ]);
  });
});

describe('eml', () => {
  it('reads a message that was saved as UTF-16', async () => {
    const lines = [
      'Subject: Übergabe',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'Schlüssel 17 liegt bereit.',
    ];
    const bytes = Buffer.from(`\ufeff${lines.join('\r\n')}`, 'utf16le');
    const { parts } = await parseWith(parse, bytes);
    expect(parts[0]?.markdown).toBe('# Übergabe\n\nSchlüssel 17 liegt bereit.');
  });

  it('shows subject, people and date above the text, whatever they are encoded in', async () => {
    const lines = [
      'From: =?utf-8?B?SsO8cmdlbg==?= <j@example.org>',
      'To: a@example.org,',
      '\tb@example.org',
      'Subject: =?iso-8859-1?Q?Caf=E9?= =?iso-8859-1?Q?_plan?=',
      'Date: Mon, 1 Jan 2024 10:00:00 +0000',
    ];
    expect(
      await read(
        ...lines,
        'Content-Type: text/plain; charset=windows-1251',
        '',
        '\xcf\xf0\xe8\xe2\xe5\xf2',
        '# not a heading',
      ),
    ).toEqual([
      '# Café plan\n\nFrom: Jürgen <j@example.org>\nTo: a@example.org, b@example.org\nSubject: Café plan\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nПривет\n\\# not a heading',
    ]);
  });

  const alternatives = (plain: string, html: string) => [
    'Content-Type: multipart/alternative; boundary="b b"',
    '',
    '--b b',
    '',
    plain,
    '--b b',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    html,
    '--b b--',
  ];

  it('takes the plain alternative, or the rich one where the plain is only a hint', async () => {
    expect(await read(...alternatives('The plain text', '<p>The <b>rich</b> text</p>'))).toEqual([
      'The plain text',
    ]);
    const rich = `<table><tr><th>a</th><th>b</th></tr><tr><td>caf=C3=A9</td><td>${'x'.repeat(60)}</td></tr></table>`;
    expect((await read(...alternatives('See HTML', rich)))[0]).toContain('| café |');
  });

  it('names attachments and makes a part of a forwarded message', async () => {
    const boundary = 'Content-Type: multipart/mixed; boundary=x';
    const attachment = [
      '--x',
      'Content-Type: application/pdf',
      "Content-Disposition: attachment; filename*0*=utf-8''r%C3%A9; filename*1=port.pdf",
      'Content-Transfer-Encoding: base64',
      '',
      'AAAA',
    ];
    const forwarded = [
      '--x',
      'Content-Type: message/rfc822',
      '',
      'Subject: Inner',
      '',
      'Inner text',
      '--x--',
    ];
    const { parts } = await parseWith(
      parse,
      mail('Subject: Outer', boundary, '', '--x', '', 'Outer text', ...attachment, ...forwarded),
    );
    expect(parts.map(({ label, markdown }) => [label, markdown])).toEqual([
      [null, '# Outer\n\nOuter text\n\nAttachments: réport.pdf'],
      ['Inner', '# Inner\n\nInner text'],
    ]);
  });

  it('shows the event of an invitation', async () => {
    const event = [
      'BEGIN:VCALENDAR',
      'BEGIN:VEVENT',
      'SUMMARY:Crane',
      ' meeting',
      'DTSTART;TZID=Europe/Vienna:20250324T100000',
      'LOCATION:Hall B\\, gate 2',
      'END:VEVENT',
      'END:VCALENDAR',
    ];
    expect(
      await read(
        'Content-Type: multipart/alternative; boundary=b',
        '',
        '--b',
        '',
        'See you',
        '--b',
        'Content-Type: text/calendar',
        '',
        ...event,
        '--b--',
      ),
    ).toEqual([
      'See you\n\nEvent: Cranemeeting\nStart: 2025-03-24 10:00 (Europe/Vienna)\nPlace: Hall B, gate 2',
    ]);
  });

  it('reads a message that was cut off, and one with line feeds only', async () => {
    expect(await read('Content-Type: multipart/mixed; boundary=x', '', '--x', '', 'still here')).toEqual([
      'still here',
    ]);
    expect((await parseWith(parse, Buffer.from('Subject: S\n\nText'))).parts[0]?.markdown).toBe(
      '# S\n\nText',
    );
  });

  it('stops at endless nesting and at thousands of parts', async () => {
    let nested = 'text';
    for (let i = 0; i < 5_000; i++)
      nested = `Content-Type: multipart/mixed; boundary=b${i}.\r\n\r\n--b${i}.\r\n${nested}\r\n--b${i}.--`;
    expect(['none', 'no_text_content']).toContain(await findProblem(parseWith(parse, Buffer.from(nested))));
    const many = `Content-Type: multipart/mixed; boundary=x\r\n\r\n${'--x\r\n\r\ny\r\n'.repeat(50_000)}`;
    expect((await parseWith(parse, Buffer.from(many))).parts).toHaveLength(1);
  });
});
