import { describe, expect, it } from '@jest/globals';
import { findProblem, parseWith } from '../../../../test/office-files.js';
import type { Parser } from '../parser.js';
import { parse as parseMhtml } from './html/mhtml.js';
import { parse as parseIcs } from './mail/ics.js';
import { parse as parseMbox } from './mail/mbox.js';
import { parse as parseVcf } from './mail/vcf.js';
import { parse as parseMarkup } from './markup.js';
import { parse as parseNotebook } from './notebook.js';
import { parse as parseSubtitles } from './subtitles.js';
import { parse as parseText } from './text.js';

const lines = (...text: string[]): Buffer => Buffer.from(text.join('\r\n'));
const markdown = async (parse: Parser, bytes: Buffer, filename?: string): Promise<string> =>
  (await parseWith(parse, bytes, filename)).parts.map((part) => part.markdown).join('\n\n');

describe('calendars', () => {
  const event = (...fields: string[]) =>
    lines(
      'BEGIN:VCALENDAR',
      'X-WR-CALNAME:Yard crew',
      'BEGIN:VEVENT',
      ...fields,
      'END:VEVENT',
      'END:VCALENDAR',
    );

  it('have a section for each event, with its time, place and people', async () => {
    const calendar = event(
      'SUMMARY:Crane check\\, north',
      'DTSTART;TZID=Europe/Vienna:20260324T100000',
      'ORGANIZER;CN="Roe, Jane":mailto:jane@example.org',
      'ATTENDEE;CN=Max Lind;ROLE=CHAIR:mailto:max@exampl',
      ' e.org',
      'DESCRIPTION:Bring the log.\\nGate 7741.',
      'BEGIN:VALARM',
      'DESCRIPTION:Reminder',
      'END:VALARM',
      'STATUS:CANCELLED',
    );
    expect(await markdown(parseIcs, calendar)).toBe(
      '# Yard crew\n\n## Crane check, north\n\nStatus: cancelled\nStart: 2026-03-24 10:00 (Europe/Vienna)\n' +
        'Organizer: Roe, Jane <jane@example.org>\nAttendee: Max Lind <max@example.org>\nDescription: Bring the log. Gate 7741.',
    );
  });

  it('show the last day of an event of whole days', async () => {
    const days = (end: string) =>
      event('SUMMARY:Closed', 'DTSTART;VALUE=DATE:20261224', `DTEND;VALUE=DATE:${end}`);
    expect(await markdown(parseIcs, days('20270102'))).toContain('Start: 2026-12-24\nEnd: 2027-01-01');
    expect(await markdown(parseIcs, days('20261225'))).not.toContain('End');
  });
});

describe('address books', () => {
  it('have a section for each contact, of any version', async () => {
    const cards = lines(
      'BEGIN:VCARD',
      'VERSION:3.0',
      'FN:Dr. Jane Roe',
      'ORG:Harbour Works\\, Ltd;Cranes',
      'item1.TEL;TYPE=WORK,VOICE:+43 1 555 0100',
      'ADR;TYPE=WORK:;;Quay 7;Linz;;4020;Austria',
      'PHOTO;ENCODING=b:/9j/4AAQ',
      ' SkZJRg',
      'END:VCARD',
      'BEGIN:VCARD',
      'VERSION:2.1',
      'N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Zo=C3=AB',
      'NOTE;ENCODING=QUOTED-PRINTABLE:night shift =',
      'only',
      'END:VCARD',
      'BEGIN:VCARD',
      'VERSION:4.0',
      'TEL;VALUE=uri;TYPE="voice,home":tel:+33-1-555',
      'ORG:Depot',
      'END:VCARD',
    );
    expect(await markdown(parseVcf, cards)).toBe(
      '## Dr. Jane Roe\n\nOrganisation: Harbour Works, Ltd, Cranes\nPhone (work): +43 1 555 0100\nAddress (work): Quay 7, Linz, 4020, Austria' +
        '\n\n## Zoë Müller\n\nNote: night shift only\n\n## Depot\n\nPhone (home): +33-1-555\nOrganisation: Depot',
    );
  });
});

describe('mailboxes', () => {
  const message = (subject: string, ...body: string[]) => [
    'From jane@example.org Tue Mar 24 10:00:00 2026',
    'From: jane@example.org',
    `Subject: ${subject}`,
    'Content-Type: text/plain',
    '',
    ...body,
    '',
  ];

  it('have a part for each message, and its own lines that begin with From', async () => {
    const box = lines(
      ...message('Gate code', 'The code is 4471.', 'From now on keep it.', '', '>From Monday on it changes.'),
      ...message('Prices', 'A bolt is 2.50.'),
    );
    const { parts } = await parseWith(parseMbox, box);
    expect(parts.map(({ label }) => label)).toEqual(['Gate code', 'Prices']);
    expect(parts[0]?.markdown).toContain(
      'The code is 4471.\nFrom now on keep it.\n\nFrom Monday on it changes.',
    );
    expect(parts[1]?.markdown).toContain('A bolt is 2.50.');
    expect(parts[1]?.markdown).not.toContain('4471');
  });

  it('read the attachments of each message', async () => {
    const attached = [
      'From x',
      'Subject: Prices',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/csv; name=prices.csv',
      '',
      'part,price',
      'bolt,2.5',
      '--b--',
      '',
    ];
    const { parts } = await parseWith(parseMbox, lines(...attached, ...attached));
    expect(parts.filter(({ label }) => label === 'prices.csv')).toHaveLength(2);
  });

  it('refuse more messages than anyone can read', async () => {
    const box = Buffer.from('From x\n\n'.repeat(20_001));
    expect(await findProblem(parseWith(parseMbox, box))).toBe('too_large');
  });
});

describe('web pages in one file', () => {
  const saved = (...parts: [headers: string[], body: string][]) =>
    lines(
      'From: <Saved by a browser>',
      'Content-Type: multipart/related; type="text/html"; start="<page>"; boundary="b"',
      '',
      ...parts.flatMap(([headers, body]) => ['--b', ...headers, '', body]),
      '--b--',
    );
  const html = [
    'Content-Type: text/html; charset=windows-1252',
    'Content-Transfer-Encoding: quoted-printable',
  ];

  it('are the page they start from, without its menus, in the encoding that is declared', async () => {
    const frame = '<html><body><p>Advertisement in a frame</p></body></html>';
    const page =
      '<html><head><title>Pumps</title></head><body><nav><a href=3D"/">Home</a></nav><main><h1>Pumps</h1><p>Gr=F6=DFe 7 at 10<sup>5</sup> Pa.</p></main></body></html>';
    const bytes = saved(
      [html, frame],
      [[...html, 'Content-ID: <page>'], page],
      [['Content-Type: image/png'], 'x'],
    );
    const document = await parseWith(parseMhtml, bytes);
    expect(document.title).toBe('Pumps');
    expect(document.parts[0]?.markdown).toBe('# Pumps\n\nGröße 7 at 10^5 Pa.');
  });

  it('are refused without a page', async () => {
    expect(await findProblem(parseWith(parseMhtml, saved([['Content-Type: image/png'], 'x'])))).toBe(
      'no_text_content',
    );
  });
});

describe('subtitles and transcripts', () => {
  it('become paragraphs with their time and speaker', async () => {
    const vtt = lines(
      'WEBVTT',
      'NOTE made by a meeting tool',
      '',
      '1',
      '00:00:03.120 --> 00:00:05.500',
      '<v Jane Roe>The crane is down.</v>',
      '',
      '00:00:05.600 --> 00:00:08.000 align:start',
      '<v Jane Roe>Parts &amp; seals on <i>Friday</i>.</v>',
      '',
      '00:09.000 --> 00:11.000',
      '<v Max Lind>Order two.</v>',
      '',
      '01:00:40.000 --> 01:00:41.000',
      'Bye.',
    );
    expect(await markdown(parseSubtitles, vtt)).toBe(
      '[00:00:03] Jane Roe: The crane is down. Parts & seals on Friday.\n\n[00:00:09] Max Lind: Order two.\n\n[01:00:40] Bye.',
    );
    const srt =
      '1\n00:00:01,000 --> 00:00:03,000\n{\\an8}Welcome to\nthe harbour.\n\n2\n00:00:03,500 --> 00:00:05,000\nMind the gap.\n';
    expect(await markdown(parseSubtitles, Buffer.from(srt))).toBe(
      '[00:00:01] Welcome to the harbour. Mind the gap.',
    );
  });

  it('begin a paragraph after a long one, and say lines that scroll once', async () => {
    const cue = (at: number, text: string) =>
      `00:${String(at).padStart(2, '0')}.000 --> 00:${String(at + 1).padStart(2, '0')}.000\n${text}\n\n`;
    const talk = Array.from({ length: 30 }, (_, index) =>
      cue(index, `Sentence number ${index} is said here now.`),
    );
    expect(
      (await markdown(parseSubtitles, Buffer.from(`WEBVTT\n\n${talk.join('')}`))).split('\n\n'),
    ).toHaveLength(2);
    expect(
      await markdown(parseSubtitles, Buffer.from(`WEBVTT\n\n${cue(1, 'same line')}${cue(2, 'same line')}`)),
    ).toBe('[00:00:01] same line');
  });
});

describe('notebooks', () => {
  it('are their texts, code and results; pictures are counted', async () => {
    const notebook = {
      metadata: { language_info: { name: 'python' } },
      cells: [
        { cell_type: 'markdown', source: ['# Flow study\n', '\n', 'At 10<sup>5</sup> Pa.'] },
        {
          cell_type: 'code',
          source: 'print(7*6)',
          outputs: [
            { output_type: 'stream', text: ['\u001b[31m42\u001b[0m\n'] },
            {
              output_type: 'execute_result',
              data: {
                'text/html': ['<table><tr><th>part</th></tr><tr><td>bolt</td></tr></table>'],
                'text/plain': 'x',
              },
            },
            { output_type: 'display_data', data: { 'image/png': 'iVBOR', 'text/plain': '<Figure>' } },
            { output_type: 'error', ename: 'ValueError', evalue: 'no seal' },
          ],
        },
      ],
    };
    const document = await parseWith(parseNotebook, Buffer.from(JSON.stringify(notebook)));
    expect(document.title).toBe('Flow study');
    expect(document.parts[0]?.markdown).toBe(
      '# Flow study\n\nAt 10^5 Pa.\n\n```python\nprint(7*6)\n```\n\n```\n42\n```\n\n| part |\n| --- |\n| bolt |\n\n```\nValueError: no seal\n```',
    );
    expect(document.warnings).toMatchObject([{ code: 'content_without_text' }]);
  });

  it.each(['{"cells": 7}', '[]', '{', 'words'])('refuse %s', async (text) => {
    expect(await findProblem(parseWith(parseNotebook, Buffer.from(text)))).toMatch(
      /corrupt_document|no_text_content/,
    );
  });
});

describe('settings', () => {
  it('keep their comments, which are no headings', async () => {
    const yaml = '# pump control\nlimits:\n  pressure: 7\n';
    expect(await markdown(parseText, Buffer.from(yaml), 'pump.yml')).toBe(
      `\`\`\`yaml\n${yaml.trimEnd()}\n\`\`\``,
    );
  });
});

describe('texts in other markup', () => {
  const read = (text: string, filename: string) => markdown(parseMarkup, Buffer.from(text), filename);

  it('have the headings, code, notes, tables and links of reStructuredText', async () => {
    const rst =
      '.. _pumps:\n\n=====\nPumps\n=====\n\nSee :ref:`the valve <v>` and `the site <https://example.org/a>`_.\n\nStart\n-----\n\nRun::\n\n    prime --all\n\n' +
      '.. note:: Wear gloves.\n\n.. code-block:: sh\n   :linenos:\n\n   make\n\n.. toctree::\n\n   other\n\n+---+---+\n| A | B |\n+===+===+\n| 1 | 2 |\n|   | x |\n+---+---+\n';
    expect(await read(rst, 'a.rst')).toBe(
      '# Pumps\n\nSee the valve and [the site](https://example.org/a).\n\n## Start\n\nRun:\n\n```\nprime --all\n```\n\n**Note:** Wear gloves.\n\n```sh\nmake\n```\n\n| A | B |\n| --- | --- |\n| 1 | 2 x |',
    );
  });

  it('have the headings, code, tables, lists and links of AsciiDoc', async () => {
    const adoc =
      '= Pumps\n:toc:\n\n// comment\n== Start\n\nSee https://example.org/a[the site] and <<v,the valve>>.\n\n[source,sh]\n----\nmake\n----\n\n.Limits\n|===\n|Part |Limit\n\n|Valve\n|7 bar\n|===\n\n* one\n** two\n';
    expect(await read(adoc, 'a.adoc')).toBe(
      '# Pumps\n\n## Start\n\nSee [the site](https://example.org/a) and the valve.\n\n```sh\nmake\n```\n\nLimits\n\n| Part | Limit |\n| --- | --- |\n| Valve | 7 bar |\n\n- one\n    - two',
    );
  });

  it('have the headings, code, tables and links of Org', async () => {
    const org =
      '#+TITLE: Pumps\n* Start\n:PROPERTIES:\n:ID: 7\n:END:\nSee [[https://example.org/a][the site]].\n\n#+BEGIN_SRC sh\nmake\n#+END_SRC\n\n| Part | Limit |\n|------+-------|\n| Hose | 9 bar |\n';
    const document = await parseWith(parseMarkup, Buffer.from(org), 'a.org');
    expect(document.title).toBe('Pumps');
    expect(document.parts[0]?.markdown).toBe(
      '# Pumps\n\n# Start\n\nSee [the site](https://example.org/a).\n\n```sh\nmake\n```\n\n| Part | Limit |\n| --- | --- |\n| Hose | 9 bar |',
    );
  });
});
