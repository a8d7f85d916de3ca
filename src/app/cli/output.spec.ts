import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { citationLines, megabytes, Output, placeOf, printable } from './output.js';
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

  it('cannot steer the terminal with the text of a document', () => {
    expect(printable('a\u001b[31mb\u0007\u009bc\n\td\r')).toBe('a[31mbc\n\td');
  });

  it('names file, page and heading of a source, and marks a quote that was not found', () => {
    expect(placeOf({ filename: 'a.pdf', page: 3, heading: 'Leave' })).toBe('a.pdf, page 3 › Leave');
    expect(placeOf({ filename: 'a.txt', page: null, heading: null })).toBe('a.txt');
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

  it('says sizes in kB and MB', () => {
    expect([megabytes(1), megabytes(999_000), megabytes(2_540_000)]).toEqual(['1 kB', '999 kB', '2.5 MB']);
  });
});

describe('progress without a terminal', () => {
  it('is one line a file at its end, and nothing when it is to be quiet', () => {
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

describe('server-sent events', () => {
  const streamOf = (...parts: string[]) => new Blob(parts).stream() as ReadableStream<Uint8Array>;

  it('are read across any cuts, with comments left out', async () => {
    const events = [];
    for await (const event of serverSentEvents(
      streamOf(
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
