import { describe, expect, it } from '@jest/globals';
import { buildDocx, findProblem, parseWith } from '../../../../../test/office-files.js';
import { buildMsg, buildTnef, packRtf, type OutlookMessage } from '../../../../../test/outlook-files.js';
import { unpackRtf } from './compressed-rtf.js';
import { parse as parseEml } from './eml.js';
import { property } from './mapi.js';
import { parse } from './msg.js';

const parsed = (message: OutlookMessage) => parseWith(parse, buildMsg(message));
const read = async (message: OutlookMessage) => (await parsed(message)).parts.map(({ markdown }) => markdown);
const crane: OutlookMessage = {
  values: {
    [property.messageClass]: 'IPM.Note',
    [property.subject]: 'Crane – Abnahme',
    [property.representingName]: 'Jürgen Maß',
    [property.representingAddress]: '/O=WORK/CN=RECIPIENTS/CN=JM',
    [property.representingSmtpAddress]: 'j@example.org',
    [property.submitTime]: new Date('2025-03-24T09:05:00Z'),
    [property.body]: 'The crane lifts 12 t.\r\n# not a heading\r\n',
  },
  recipients: [
    {
      [property.recipientType]: 1,
      [property.displayName]: 'Ada B.',
      [property.smtpAddress]: 'a@example.org',
    },
    { [property.recipientType]: 2, [property.displayName]: 'Site office' },
    { [property.recipientType]: 3, [property.displayName]: 'Unseen' },
  ],
};

describe('msg', () => {
  it('shows subject, people and date above the text', async () => {
    const { title, parts, warnings } = await parsed(crane);
    expect(title).toBe('Crane – Abnahme');
    expect(parts).toHaveLength(1);
    expect(parts[0]?.markdown).toBe(
      [
        '# Crane – Abnahme',
        '',
        'From: Jürgen Maß <j@example.org>',
        'To: Ada B. <a@example.org>',
        'Cc: Site office',
        'Subject: Crane – Abnahme',
        'Date: Mon, 24 Mar 2025 09:05:00 +0000',
        '',
        'The crane lifts 12 t.',
        '\\# not a heading',
      ].join('\n'),
    );
    expect(warnings).toEqual([]);
  });

  it('reads texts in a byte a letter by the code page of the message', async () => {
    const greek = new Map(
      Array.from('Γερανός', (letter, i) => [letter, [0xc3, 0xe5, 0xf1, 0xe1, 0xed, 0xfc, 0xf2][i] ?? 0]),
    );
    const narrow = (text: string): Buffer =>
      Buffer.from(Array.from(text, (letter) => greek.get(letter) ?? letter.charCodeAt(0)));
    const values = {
      [property.subject]: 'Γερανός',
      [property.body]: 'Γερανός 7',
      [property.messageCodePage]: 1253,
    };
    expect(await read({ values, narrow })).toEqual(['# Γερανός\n\nΓερανός 7']);
  });

  it('takes sender and date from the headers of the way where Outlook kept no others', async () => {
    const headers =
      'Received: x\r\nFrom: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>\r\nDate: Mon, 24 Mar 2025 10:05:00 +0100\r\n';
    const values = { [property.subject]: 'S', [property.transportHeaders]: headers, [property.body]: 'Text' };
    expect((await read({ values }))[0]).toBe(
      '# S\n\nFrom: Jürgen <j@example.org>\nSubject: S\nDate: Mon, 24 Mar 2025 10:05:00 +0100\n\nText',
    );
  });

  const table =
    '<p>Caf\u00e9</p><table><tr><th>Part</th><th>Date</th></tr><tr><td>Weight</td><td>May</td></tr></table>';
  const asMarkdown = 'Café\n\n| Part | Date |\n| --- | --- |\n| Weight | May |';

  it('keeps the tables of a rich text that the plain text has lost', async () => {
    const html = Buffer.from(table, 'latin1');
    const values = { [property.body]: 'Café\r\nPart\r\nDate\r\nWeight\r\nMay', [property.html]: html };
    expect(await read({ values: { ...values, [property.internetCodePage]: 28591 } })).toEqual([asMarkdown]);
  });

  it('takes the HTML out of packed RTF, and reads RTF that is no disguise', async () => {
    const encapsulated = String.raw`{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}{\f1\fcharset204 A;}}
{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Caf\'e9\htmlrtf\f1 X\htmlrtf0  {\f1\'cf}{\*\htmltag72 </p>}\htmlrtf }\htmlrtf0
{\*\htmltag64 <p>}a {\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0  b \u8364?\{x\}{\*\mhtmltag84 no}{\*\htmltag72 </p>}}`;
    for (const rtf of [packRtf(encapsulated), packRtf(encapsulated, true)])
      expect(await read({ values: { [property.compressedRtf]: rtf } })).toEqual(['Café П\n\na < b €{x}']);
    const rich = packRtf(String.raw`{\rtf1\ansi Load {\strike 10}12 t\par}`);
    expect(await read({ values: { [property.compressedRtf]: rich } })).toEqual(['Load ~~10~~12 t']);
  });

  it('unpacks references into what was read before', () => {
    // the examples of [MS-OXRTFCP] 3
    const simple =
      '2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0';
    expect(unpackRtf(Buffer.from(simple, 'hex')).toString()).toBe(
      '{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n',
    );
    const crossing = '1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0';
    expect(unpackRtf(Buffer.from(crossing, 'hex')).toString()).toBe('{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}');
  });

  it('makes parts of attachments and of attached messages, and leaves out pictures of the text', async () => {
    const docx = buildDocx('<w:p><w:r><w:t>Helmets are mandatory.</w:t></w:r></w:p>');
    const html = Buffer.from('<p>See the files.</p><img src="cid:logo@x">');
    const { parts, warnings } = await parsed({
      values: { [property.subject]: 'Crane', [property.html]: html },
      attachments: [
        {
          [property.attachmentLongFilename]: 'rules.docx',
          [property.attachmentFilename]: 'RULES~1.DOC',
          [property.attachmentData]: docx,
        },
        {
          [property.attachmentLongFilename]: 'logo.png',
          [property.attachmentContentId]: 'logo@x',
          [property.attachmentData]: Buffer.of(1),
        },
        {
          [property.displayName]: 'Fwd',
          message: { values: { [property.subject]: 'Inner', [property.body]: 'Inner text' } },
        },
      ],
    });
    expect(parts.map(({ label, markdown }) => [label, markdown])).toEqual([
      [null, '# Crane\n\nSee the files.\n\nAttachments: rules.docx'],
      ['Inner', '# Inner\n\nInner text'],
      ['rules.docx', 'Helmets are mandatory.'],
    ]);
    // the picture is no attachment, but the text lacks it
    expect(warnings.map(({ code }) => code)).toEqual(['content_without_text']);
  });

  it('reads the text of a signed message, which is an attachment of its envelope', async () => {
    const signed =
      'Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThe signed text.\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nxx\r\n--b--';
    const { parts } = await parsed({
      values: { [property.subject]: 'Crane' },
      attachments: [
        {
          [property.attachmentMediaType]: 'multipart/signed',
          [property.attachmentData]: Buffer.from(signed),
        },
      ],
    });
    expect(parts[0]?.markdown).toContain('The signed text.');
  });

  it('shows time and place of an appointment', async () => {
    const set = '0220060000000000c000000000000046';
    const values = {
      [property.messageClass]: 'IPM.Appointment',
      [property.subject]: 'Crane',
      [property.body]: 'Bring gloves.',
    };
    const named: OutlookMessage['named'] = [
      [set, 0x820d, new Date('2025-03-24T09:00:00Z')],
      [set, 0x820e, new Date('2025-03-24T10:30:00Z')],
      [set, 0x8208, 'Hall B'],
    ];
    expect(await read({ values, named })).toEqual([
      '# Crane\n\nStart: 2025-03-24 09:00 UTC\nEnd: 2025-03-24 10:30 UTC\nPlace: Hall B\n\nBring gloves.',
    ]);
  });

  it('reports a file that was cut off or damaged as such', async () => {
    const whole = buildMsg(crane);
    for (const end of [0.3, 0.6, 0.9])
      expect(await findProblem(parseWith(parse, whole.subarray(0, Math.floor(whole.length * end))))).toBe(
        'corrupt_document',
      );
    expect(await findProblem(parseWith(parse, buildMsg({ values: {} })))).toBe('no_text_content');
    const circle = Buffer.from(whole);
    // every entry of the directory leads to the first storage
    const directory = (circle.readUInt32LE(48) + 1) * 512;
    for (let at = directory; at < directory + 1024; at += 128)
      for (const place of [68, 72, 76]) circle.writeUInt32LE(1, at + place);
    expect(await findProblem(parseWith(parse, circle))).toBe('corrupt_document');
  });
});

describe('winmail.dat', () => {
  const carrying = (text: string, dat: Buffer) =>
    Buffer.from(
      `Subject: Crane\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n${text}\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n${dat.toString('base64')}\r\n--b--`,
    );
  const dat = buildTnef({ [property.body]: 'The packed text.', [property.displayTo]: 'x' }, [
    {
      values: { [property.attachmentLongFilename]: 'plan.csv' },
      data: Buffer.from('Part,Date\nWeight,May\n'),
    },
    { values: {}, message: buildTnef({ [property.subject]: 'Inner', [property.body]: 'Inner text' }) },
  ]);

  it('gives its files and messages to the mail, and its text where the mail has none', async () => {
    const shown = async (text: string) =>
      (await parseWith(parseEml, carrying(text, dat))).parts.map(({ label, markdown }) => [label, markdown]);
    const rest = [
      ['Inner', '# Inner\n\nInner text'],
      ['plan.csv', '| Part | Date |\n| --- | --- |\n| Weight | May |'],
    ];
    expect(await shown('See the plan.')).toEqual([
      [null, '# Crane\n\nSee the plan.\n\nAttachments: plan.csv'],
      ...rest,
    ]);
    expect(await shown('')).toEqual([
      [null, '# Crane\n\nThe packed text.\n\nAttachments: plan.csv'],
      ...rest,
    ]);
  });

  it('is read without the mail, too', async () => {
    const { parts } = await parseWith(parse, dat, 'winmail.dat');
    expect(parts.map(({ label, markdown }) => [label, markdown])).toEqual([
      [null, 'To: x\n\nThe packed text.\n\nAttachments: plan.csv'],
      ['Inner', '# Inner\n\nInner text'],
      ['plan.csv', '| Part | Date |\n| --- | --- |\n| Weight | May |'],
    ]);
    expect(await findProblem(parseWith(parse, dat.subarray(0, 150), 'winmail.dat'))).toBe('corrupt_document');
  });

  it('is reported where it was cut off, and the mail is read', async () => {
    const { parts, warnings } = await parseWith(parseEml, carrying('See the plan.', dat.subarray(0, 150)));
    expect(parts.map(({ markdown }) => markdown)).toEqual(['# Crane\n\nSee the plan.']);
    expect(warnings).toMatchObject([{ code: 'attachment_unreadable', params: { file: 'winmail.dat' } }]);
  });
});
