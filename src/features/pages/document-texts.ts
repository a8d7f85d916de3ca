import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { asBlobKey, BlobStore } from '../../platform/blob/blob-store.js';
import type { VersionRow } from '../../platform/database/functions.js';
import type { ParsedPart } from '../parsing/parsed-document.js';
import { type ParsedHead, streamParsed } from '../parsing/sandbox/parsed-file.js';
import { TextParts } from './text-parts.js';

interface ParsedStream {
  head: ParsedHead;
  parts: AsyncIterable<ParsedPart>;
}

/** The parsed text of a version, written out piece by piece. */
@Injectable()
export class DocumentTexts {
  constructor(private readonly blobs: BlobStore) {}

  /** The Markdown of the whole document. @throws conflict, blob_not_found, storage_unavailable */
  async markdown(version: VersionRow): Promise<AsyncGenerator<string>> {
    return joined(await this.open(version));
  }

  /** A `TextResponse`. @throws conflict, blob_not_found, storage_unavailable */
  async json(version: VersionRow): Promise<AsyncGenerator<string>> {
    return asJson(await this.open(version));
  }

  private async open({ parsed_key }: VersionRow): Promise<ParsedStream> {
    if (parsed_key === null)
      throw new Problem('conflict', 'The text of this document was not kept. Upload the file again.');
    const unpacked = createGunzip();
    // A failure of either stream reaches the reader through the other one.
    pipeline(await this.blobs.get(asBlobKey(parsed_key)), unpacked, () => undefined);
    return streamParsed(unpacked as AsyncIterable<Buffer>);
  }
}

async function* joined({ parts }: ParsedStream): AsyncGenerator<string> {
  let first = true;
  for await (const { markdown } of parts) {
    const text = markdown.trim();
    if (text === '') continue;
    yield first ? text : `\n\n${text}`;
    first = false;
  }
  yield '\n';
}

async function* asJson({ head, parts }: ParsedStream): AsyncGenerator<string> {
  const texts = new TextParts();
  yield `{"warnings":${JSON.stringify(head.warnings)},"parts":[`;
  let separator = '';
  for await (const part of parts) {
    for (const text of texts.split(part)) {
      yield separator + JSON.stringify(text);
      separator = ',';
    }
  }
  yield ']}';
}
