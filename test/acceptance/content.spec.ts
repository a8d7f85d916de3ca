import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorCatalogue } from '../../src/common/errors.js';
import { eventually } from '../eventually.js';
import type { BadInput } from './bad-inputs.js';
import { animatedWebp, docxLinkingTo, jpegWithProfile } from './made-files.js';
import { findRows } from './rows.js';
import { startServer, type RunningServer } from './server.js';

interface Verdict {
  status: string;
  error: { code: string; detail: string } | null;
  text: string;
}
interface Try {
  /** A file of `scripts/make-hostile-files.mjs`, or its bytes. */
  file: string | (() => Buffer | Promise<Buffer>);
  /**
   * Codes that are right beside the row's own: another name for
   * the same, or for what the honest file closest to the row is.
   */
  codes?: string[];
  /** True when it may be read after all: what is bad about it is then not looked at. */
  mayBeReady?: boolean;
  /** Checks of the text that is found. */
  holds?: (text: string) => void;
}

const wontEnd = ['parse_timeout', 'parser_crashed', 'corrupt_document', 'no_text_content', 'needs_ocr'];
const tooMuch = [
  'archive_bomb',
  'too_large',
  'parse_timeout',
  'parser_crashed',
  'corrupt_document',
  'no_text_content',
  'needs_ocr',
];
let canary: { server: Server; hits: () => number; url: string };

const tries: Record<string, Try> = {
  'html-script': {
    file: () => Buffer.from('<html><body><script>alert(1)</script><p>Words of a page.</p></body></html>'),
  },
  docm: { file: 'macros.docx' },
  'polyglot-pdf-zip': {
    file: 'pdf-zip-polyglot.pdf',
    holds: (text) => expect(text).toMatch(/innocent page/),
  },
  'polyglot-gif-html': { file: 'gif-html-polyglot.html' },
  'svg-script': { file: 'script.svg' },
  'pdf-header-only': { file: 'header-only.pdf' },
  'pdf-owner-pw': { file: 'owner-password-only.pdf', holds: (text) => expect(text).toMatch(/innocent page/) },
  'pdf-js': { file: 'javascript-and-launch.pdf' },
  'pdf-flate-bomb': { file: 'flate-bomb-5gb.pdf', codes: tooMuch },
  'pdf-200k-pages': { file: 'pages-200k.pdf' },
  'pdf-loop': { file: 'page-tree-loop.pdf', codes: wontEnd },
  'pdf-scan': { file: 'scan.pdf', codes: ['needs_ocr'] },
  'xlsx-overlap-bomb': { file: 'overlap-bomb.xlsx' },
  'zip-nested': { file: 'nested-zips.docx' },
  'zip-slip': { file: 'zip-slip.docx', mayBeReady: true },
  'docx-external-image': { file: 'linked-image.docx', holds: (text) => expect(text).not.toMatch(/root:/) },
  'docx-remote': { file: () => docxLinkingTo(canary.url), holds: () => expect(canary.hits()).toBe(0) },
  'docx-xxe': { file: 'external-entity.docx', codes: ['archive_bomb', 'corrupt_document'], mayBeReady: true },
  'xml-billion-laughs': { file: 'billion-laughs.xml' },
  'xml-numeric-entities': { file: 'numeric-entities.xml' },
  'xml-deep': { file: 'deep.xml' },
  'xlsx-huge-merge': {
    file: 'merge-everything.xlsx',
    mayBeReady: true,
    holds: (text) => expect(text.length).toBeLessThan(10_000),
  },
  'xlsx-dimension-lie': {
    file: 'dimension-lies.xlsx',
    holds: (text) => expect(text.length).toBeLessThan(10_000),
  },
  'xlsx-proto': { file: 'proto-sheet.xlsx' },
  'csv-wide': { file: 'wide.csv' },
  'csv-formula': { file: 'formula.csv', holds: (text) => expect(text).toContain('calc') },
  'json-deep': { file: 'deep.json' },
  'json-proto': { file: 'proto.json', holds: (text) => expect(text).toContain('hello there') },
  'json-bad-line': {
    file: 'lines-one-bad.jsonl',
    codes: ['corrupt_document', 'content_mismatch'],
    mayBeReady: true,
  },
  cp1251: {
    file: () =>
      Buffer.from(
        'd1f2ee20f0f3e1ebe5e920e820e4e2e020e4edff20eef2e4fbf5e02e20c2f1e520f1eef2f0f3e4ede8eae820f0e0e1eef2e0fef22e',
        'hex',
      ),
    holds: (text) => expect(text).toContain('рублей'),
  },
  whitespace: { file: 'whitespace.txt' },
  'md-nested-quotes': { file: 'nested-quotes.md' },
  'jpg-icc-huge': {
    file: () => jpegWithProfile(50 * 1024 * 1024),
    codes: ['needs_ocr', 'no_text_content', 'payload_too_large'],
  },
  'webp-frames': { file: () => animatedWebp(100_000), codes: ['needs_ocr', 'no_text_content'] },
  'doc-is-rtf': { file: 'really-rtf.doc', holds: (text) => expect(text).toContain('hello there') },
  // nobody has an honest file that always does these: the
  // nearest ones, which some build of some parser has died of
  'crash-always': { file: 'page-tree-deep.pdf', codes: wontEnd, mayBeReady: true },
  'oom-always': { file: 'image-bomb.pdf', codes: tooMuch },
  'spin-always': { file: 'forms-nested-10-to-the-9.pdf', codes: wontEnd, mayBeReady: true },
  eicar: { file: 'eicar.txt' },
  'copy-of-a': { file: 'plain.txt' },
};
const readFixture = (row: BadInput): string => String(row.request.files?.[0]?.content['fixture']);

describe('bad content', () => {
  let server: RunningServer;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docent-content-'));
    await promisify(execFile)(process.execPath, ['scripts/make-hostile-files.mjs', folder]);
    let hits = 0;
    const listener = createServer((_, response) => {
      hits++;
      response.end();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    canary = {
      server: listener,
      hits: () => hits,
      url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    };
    server = await startServer({
      PARSER_PROCESSES: '1',
      PARSER_TIMEOUT_SECONDS: '8',
      TASK_MAX_ATTEMPTS: '2',
      TASK_RETRY_DELAY_SECONDS: '1',
      // making a large file keeps this process from seeing that an idle connection was closed
      API_KEEP_ALIVE_TIMEOUT: '600',
    });
  }, 180_000);
  afterAll(async () => {
    await server.stop();
    canary.server.close();
    await rm(folder, { recursive: true });
  }, 180_000);

  const json = async <T>(path: string): Promise<T> => (await fetch(server.url + path)).json() as Promise<T>;
  const upload = async (row: BadInput, bytes: Buffer) => {
    const form = new FormData();
    // a set each: equal names would be versions of one document
    form.append('document_set', row.id);
    const [file] = row.request.files ?? [];
    form.append(
      'files',
      new Blob([new Uint8Array(bytes)], { type: String(file?.mime) }),
      String(file?.filename),
    );
    const answer = await fetch(`${server.url}/agent/upload`, { method: 'POST', body: form });
    const body = (await answer.json()) as { code?: string; documents?: { id: string }[] };
    return { status: answer.status, code: body.code, id: body.documents?.[0]?.id ?? '' };
  };
  const verdictOn = async (id: string): Promise<Verdict> => {
    const { status, error } = await eventually(async () => {
      const document = await json<Verdict>(`/agent/documents/${id}`);
      expect(document.status).toMatch(/^(ready|failed)$/);
      return document;
    }, 180_000);
    const { chunks } = await json<{ chunks: { content: string }[] }>(`/agent/documents/${id}/chunks`);
    return { status, error, text: chunks.map(({ content }) => content).join('\n') };
  };

  it.each(findRows('content.spec.ts').map((row) => [row.id, row.how, row] as const))(
    '%s: %s',
    async (_id, _how, row) => {
      const attempt = tries[readFixture(row)];
      if (!attempt) throw new Error(`nothing is made of the fixture ${readFixture(row)}`);
      const pid = server.process?.pid;
      const bytes =
        typeof attempt.file === 'string' ? readFileSync(join(folder, attempt.file)) : await attempt.file();
      const { status, code, id } = await upload(row, bytes);
      const right = [...(row.expect.code ? [row.expect.code] : []), ...(attempt.codes ?? [])];
      expect({ status, code }).toEqual({
        status: (row.expect.status ?? [202]).includes(status) ? status : row.expect.status,
        code,
      });
      if (status !== 202) {
        expect(status).toBeGreaterThanOrEqual(400);
        if (right.length > 0) expect(right).toContain(code);
      } else {
        const verdict = await verdictOn(id);
        const mayBeReady = attempt.mayBeReady ?? !row.expect.code;
        if (!mayBeReady || verdict.status === 'failed') {
          expect([verdict.status, verdict.error?.code]).toEqual([
            'failed',
            right.includes(String(verdict.error?.code)) ? verdict.error?.code : right,
          ]);
          expect(Object.keys(errorCatalogue)).toContain(verdict.error?.code);
          expect(verdict.error?.detail).not.toMatch(/\/(tmp|home|root|work)\/|node_modules/);
          expect(verdict.text).toBe('');
        }
        attempt.holds?.(verdict.text);
        if (row.id === 'content-029') expect(verdict.text).not.toMatch(/root:/);
        if (row.id === 'content-002') {
          const file = await fetch(`${server.url}/agent/documents/${id}/file`);
          expect([
            file.headers.get('content-type'),
            file.headers.get('x-content-type-options'),
            file.headers.get('content-disposition'),
          ]).toEqual([
            expect.stringMatching(/^text\/plain/),
            'nosniff',
            expect.stringMatching(/^attachment/),
          ]);
        }
      }
      const health = await fetch(`${server.url}/health`);
      expect([health.status, server.process?.exitCode ?? null, server.process?.pid]).toEqual([
        200,
        null,
        pid,
      ]);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    },
    90_000,
  );

  it('left no unhandled rejection in the log', () => {
    expect(server.log()).not.toMatch(/unhandledRejection|uncaughtException/);
  });
});
