import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import {
  citationLines,
  excerpt,
  megabytes,
  sourceLines,
  Output,
  describePlace,
  printable,
} from './output.js';
import { progressView } from './progress.js';
import { serverSentEvents } from './server-sent-events.js';

const collected = (json: boolean): { output: Output; text: () => string } => {
  const stream = new PassThrough();
  return { output: new Output(json, stream, new PassThrough()), text: () => String(stream.read() ?? '') };
};

describe('what a command prints', () => {
  it('is one JSON value for a machine and nothing else', () => {
    const { output, text } = collected(true);
    output.line('for a reader');
    output.table([['A', 'B']]);
    output.result({ a: 1 }, () => output.line('for a reader'));
    expect(JSON.parse(text())).toEqual({ a: 1 });
  });

  it('has columns as wide as their widest cell', () => {
    const { output, text } = collected(false);
    output.table([
      ['NAME', 'PAGES'],
      ['a.md', null],
      ['handbook.pdf', 24],
    ]);
    expect(text()).toBe('NAME          PAGES\na.md          –\nhandbook.pdf  24\n');
  });

  it('never sends control characters of a document to the terminal', () => {
    expect(printable('a\u001b[31mb\u0007\u009bc\n\td\r')).toBe('a[31mbc\n\td');
  });

  it('names file, page and heading of a source, and marks a quote that was not found', () => {
    expect(describePlace({ filename: 'a.pdf', page: 3, heading: 'Leave' })).toBe('a.pdf, page 3 › Leave');
    expect(describePlace({ filename: 'a.txt', page: null, heading: null })).toBe('a.txt');
    const metadata = {
      filename: 'a.pdf',
      document_set: 'default',
      document_id: 'x',
      page: 3,
      page_end: 3,
      heading: null,
      neighbours: [],
    };
    const lines = citationLines({
      results: [{ id: '1', content: '', score: 1, highlights: [], metadata }],
      citations: [{ marker: '[1]', result: 0, quote: ' 25\n days ', page: 3, verified: false }],
    });
    expect(lines).toEqual(['  [1] a.pdf, page 3 (quote not verified)\n      “25 days”']);
  });

  it('shows the closest passages, three at most, where there is no answer', () => {
    const metadata = {
      filename: 'a.pdf',
      document_set: 'default',
      document_id: 'x',
      page: 3,
      page_end: 3,
      heading: 'Leave',
      neighbours: [],
    };
    const result = { id: '1', content: 'Staff have\n28 days.', score: 1, highlights: [], metadata };
    const lines = sourceLines({ answered: false, citations: [], results: [result, result, result, result] });
    expect(lines.slice(0, 3)).toEqual([
      'Closest passages:',
      '  a.pdf, page 3 › Leave',
      '      Staff have 28 days.',
    ]);
    expect(lines).toHaveLength(7);
    expect(sourceLines({ answered: false, citations: [], results: [] })).toEqual([]);
    expect(excerpt('one two three', 9)).toBe('one two …');
  });

  it('says sizes in kB and MB', () => {
    expect([megabytes(1), megabytes(999_000), megabytes(2_540_000)]).toEqual(['1 kB', '999 kB', '2.5 MB']);
  });
});

describe('progress without a terminal', () => {
  it('shows each stage of a single file', () => {
    const stream = new PassThrough();
    const view = progressView(1, false, stream as unknown as NodeJS.WriteStream);
    view.say('sending the file');
    view.add('1', 'a.md');
    for (const [fraction, stage] of [
      [0, 'queued'],
      [0.1, 'parse'],
      [0.2, 'parse'],
      [0.6, 'embed'],
    ] as const)
      view.update('1', fraction, stage);
    view.end('1', '3 chunks', true);
    expect(String(stream.read())).toBe(
      'sending the file\na.md: parse\na.md: embed\n[1/1] ready  a.md – 3 chunks\n',
    );
  });

  it('shows the counts of several files after five seconds of silence, when they have changed', () => {
    const stream = new PassThrough();
    let now = 0;
    const view = progressView(4, false, stream as unknown as NodeJS.WriteStream, () => now);
    view.say('sending 2 of 4 files');
    now = 5000;
    view.say('sending 3 of 4 files');
    for (const id of ['1', '2', '3']) view.add(id, `${id}.md`);
    view.update('1', 0.1, 'parse');
    now = 10_000;
    view.update('2', 0.1, 'parse');
    now = 15_000;
    view.update('2', 0.2, 'parse');
    view.end('1', '3 chunks', true);
    now = 19_999;
    view.update('2', 0.6, 'embed');
    now = 20_000;
    view.update('2', 0.7, 'embed');
    expect(String(stream.read()).split('\n')).toEqual([
      'sending 3 of 4 files',
      '0 of 4 done, 2 parse, 1 queued, 1 to send',
      '[1/4] ready  1.md – 3 chunks',
      '1 of 4 done, 1 embed, 1 queued, 1 to send',
      '',
    ]);
  });

  it('shows one line for each finished file, and nothing with --quiet', () => {
    const stream = new PassThrough();
    const view = progressView(2, false, stream as unknown as NodeJS.WriteStream);
    view.add('1', 'a.md');
    view.update('1', 0.5, 'parse');
    view.end('1', '3 chunks', true);
    view.add('2', 'b.md');
    view.end('2', 'corrupt_document', false);
    view.stop();
    expect(String(stream.read())).toBe(
      '[1/2] ready  a.md – 3 chunks\n[2/2] FAILED b.md – corrupt_document\n',
    );
    progressView(1, true, stream as unknown as NodeJS.WriteStream).end('1', 'x', true);
    expect(stream.read()).toBeNull();
  });
});

describe('progress on a terminal', () => {
  it('has a bar for all files that counts them by stage', () => {
    const stream = Object.assign(new PassThrough(), {
      isTTY: true,
      rows: 24,
      columns: 200,
      cursorTo: () => true,
      moveCursor: () => true,
      clearLine: () => true,
      clearScreenDown: () => true,
    });
    const view = progressView(3, false, stream as unknown as NodeJS.WriteStream);
    view.say('sending 2 of 3 files');
    view.add('1', 'a.md');
    view.add('2', 'b.md');
    view.update('1', 0.5, 'embed');
    view.end('2', 'empty_document', false);
    view.stop();
    const text = String(stream.read());
    expect(text).toContain('1 of 3 done, 1 embed, 1 to send');
    expect(text).toContain('failed: empty_document');
  });
});

describe('server-sent events', () => {
  const openStream = (...parts: string[]) => new Blob(parts).stream() as ReadableStream<Uint8Array>;

  it('are read from chunks of any size, without comments', async () => {
    const events = [];
    for await (const event of serverSentEvents(
      openStream(
        'retry: 1\n\n: ping\n\nevent: to',
        'ken\ndata: {"a":"ü"}\n',
        '\ndata: 2\n\nevent: cut off\ndata: 3',
      ),
    ))
      events.push(event);
    expect(events).toEqual([
      { event: 'token', data: { a: 'ü' } },
      { event: 'message', data: 2 },
    ]);
  });
});
