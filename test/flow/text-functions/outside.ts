import { withOneFilename } from '../../../src/features/documents/content-disposition.js';
import { makeRejection } from '../../../src/features/documents/rejections.js';
import { parseSetName } from '../../../src/features/documents/writable-sets.js';
import { Chunker } from '../../../src/features/ingestion/chunker.js';
import { splitBlocks } from '../../../src/features/ingestion/markdown-blocks.js';
import { plain } from '../../../src/features/ingestion/parsed-texts.js';
import { toSearchRequest } from '../../../src/features/openai-api/completions.js';
import { hashParameters } from '../../../src/features/idempotency/idempotency.js';
import { TextParts } from '../../../src/features/pages/text-parts.js';
import { parseCredential } from '../../../src/features/auth/credential.js';
import { credentialOfHandshake } from '../../../src/features/realtime/handshake.js';
import { Robots } from '../../../src/features/sources/drivers/robots.js';
import { findLinks, readSitemap } from '../../../src/features/sources/drivers/web-links.js';
import { toSeconds } from '../../../src/features/sources/sources.dto.js';
import { nameOfPath } from '../../../src/features/sources/source.js';
import { parseMarkdown, plainText } from '../../../src/features/console/app/ui/markdown.js';
import { cutRun, findAll, fold, foldBlocks } from '../../../src/features/console/app/ui/marks.js';
import { cleanJson } from '../../../src/platform/database/statement.js';
import { bestWindow } from '../../../src/platform/embedding/window-vectors.js';
import { splitBatches, halves } from '../../../src/platform/embedding/batches.js';
import { ReplyBuilder } from '../../../src/platform/llm/reply.js';
import { statusProblem } from '../../../src/platform/upstream/failures.js';
import { parseJson } from '../../../src/platform/upstream/http.js';
import { eventData } from '../../../src/platform/upstream/sse.js';
import { inPieces, type TextFunctions } from './work.js';

const page = new URL('https://example.org/a/');

async function chunked(text: string): Promise<void> {
  await new Chunker().split({
    title: null,
    language: null,
    pages: null,
    parts: [{ kind: 'body', page: null, label: null, markdown: text }],
    warnings: [],
  });
}

async function blocks(text: string): Promise<void> {
  for await (const block of splitBlocks(text, 0, text.length, () => Promise.resolve())) void block;
}

/** A model server may send any number of bytes at once. */
async function events(text: string): Promise<void> {
  async function* body(): AsyncGenerator<Uint8Array> {
    const parts: Uint8Array[] = [];
    inPieces(`data: ${text}\n\n`, 16, (part) => parts.push(Buffer.from(part)));
    for (const part of parts) yield await Promise.resolve(part);
  }
  for await (const event of eventData(body())) void event;
}

const replied = (text: string): void => {
  const reply = new ReplyBuilder({ messages: [] }, 1_000_000);
  inPieces(text, 4, (content) => reply.chunk({ choices: [{ delta: { content } }] }));
};

/** Texts of requests, model servers and web pages, and what ingestion makes of documents. */
export const outsideFunctions: TextFunctions = {
  'features/auth/credential.ts': { parseCredential: (text) => parseCredential(text) },
  'features/console/app/ui/markdown.ts': {
    parseMarkdown: (text) => parseMarkdown(text),
    plainText: (text) => plainText(parseMarkdown(text)),
  },
  'features/console/app/ui/marks.ts': {
    fold: (text) => fold(text),
    foldBlocks: (text) => foldBlocks(parseMarkdown(text)),
    findAll: [
      (text) => findAll(text, 'leave'),
      (text) => findAll('leave', text),
      (text) => findAll(text, 'aaaa'),
    ],
    cutRun: (text) => cutRun(text, 0, []),
  },
  'features/documents/content-disposition.ts': {
    withOneFilename: [
      (text) => withOneFilename(`form-data; filename="${text}"`),
      (text) => withOneFilename(`form-data; filename="x=?"${text}`),
      (text) => withOneFilename(`form-data; filename*=utf-8''${text}; filename=a`),
    ],
  },
  'features/documents/rejections.ts': { makeRejection: (text) => makeRejection(text, new Error(text), text) },
  'features/documents/writable-sets.ts': { parseSetName: (text) => parseSetName(text) },
  'features/idempotency/idempotency.ts': { hashParameters: (text) => hashParameters({ [text]: text }) },
  'features/ingestion/chunker.ts': { Chunker: chunked },
  'features/ingestion/markdown-blocks.ts': { splitBlocks: blocks },
  'features/ingestion/parsed-texts.ts': { plain: (text) => plain(text) },
  'features/openai-api/completions.ts': {
    toSearchRequest: [
      (text) =>
        toSearchRequest({ model: 'docent', messages: [{ role: 'user', content: text }] } as never, null),
      (text) =>
        toSearchRequest(
          { model: 'docent', messages: Array.from(text, (content) => ({ role: 'user', content })) } as never,
          null,
        ),
    ],
  },
  'features/pages/text-parts.ts': {
    TextParts: (text) =>
      Array.from(
        new TextParts().split({
          kind: 'page',
          page: 1,
          label: null,
          markdown: text,
          size: [600, 800],
          places: Array.from(
            { length: text.length / 8 },
            (_, at): [number, number, number, number, number, number] => [at * 8, at * 8 + 7, 10, at, 50, 9],
          ),
        }),
      ),
  },
  'features/realtime/handshake.ts': {
    credentialOfHandshake: [
      (text) => credentialOfHandshake({ token: text }, {}),
      (text) => credentialOfHandshake({}, { authorization: text, cookie: text }),
    ],
  },
  'features/sources/drivers/web-links.ts': {
    findLinks: [(text) => findLinks(text, page), (text) => findLinks(`<a href="${text}">`, page)],
    readSitemap: [(text) => readSitemap(text, page), (text) => readSitemap(`<urlset>${text}</urlset>`, page)],
  },
  'features/sources/drivers/robots.ts': {
    Robots: [
      (text) => new Robots(page, text).allows(page),
      (text) =>
        new Robots(page, `User-agent: *\nDisallow: /${text}`).allows(new URL(`/${'a'.repeat(200)}`, page)),
      (text) =>
        new Robots(
          page,
          `User-agent: *\n${`Disallow: /${'*a'.repeat(50)}b\n`.repeat(text.length / 100)}`,
        ).allows(new URL(`/${'a'.repeat(200)}`, page)),
    ],
  },
  'features/sources/source.ts': { nameOfPath: (text) => nameOfPath(text) },
  'features/sources/sources.dto.ts': { toSeconds: (text) => toSeconds(text) },
  'platform/database/statement.ts': { cleanJson: (text) => cleanJson(JSON.stringify(text)) },
  'platform/embedding/batches.ts': {
    splitBatches: [
      (text) => [...splitBatches([text], 16, 1000)],
      (text) => [...splitBatches(text.split(''), 16, 1000)],
    ],
    halves: (text) => halves(text),
  },
  'platform/embedding/window-vectors.ts': {
    bestWindow: (text) => bestWindow(Float32Array.of(1, 0, 0), Buffer.from(text)),
  },
  'platform/llm/reply.ts': { ReplyBuilder: replied },
  'platform/upstream/failures.ts': { statusProblem: (text) => statusProblem(400, {}, text) },
  'platform/upstream/http.ts': { parseJson: (text) => parseJson(JSON.stringify(text)) },
  'platform/upstream/sse.ts': { eventData: events },
};
