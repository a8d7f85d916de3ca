import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { findBoxes, type PageBox } from '../../common/chunk-place.js';
import type { CitedPassage } from '../../common/citation-key.js';
import { Problem } from '../../common/errors.js';
import { type PlaceOwner, Shares } from '../../common/shares.js';
import type { Principal } from '../../common/principal.js';
import { asBlobKey } from '../../platform/blob/blob-store.js';
import { Database } from '../../platform/database/database.js';
import type { VersionRow } from '../../platform/database/functions.js';
import { asDiskProblem, SourceFiles } from '../ingestion/source-files.js';
import { type Format, renderable } from '../parsing/formats/formats.js';
import type { PageMark } from '../parsing/sandbox/protocol.js';
import { PicturePool } from './picture-pool.js';
import type { PictureQuery } from './pages.dto.js';

/** Longest side of a picture in inches: two sheets of A4 side by side. */
const maxInches = 17;
/** The same in pixels, at the 200 dpi that may be asked for. */
const maxSide = maxInches * 200;
/** Requests that may wait for a picture; a quarter more for principals and tenants that have none. */
const maxWaiting = 24;

/** A picture to draw; `tag` changes whenever another picture would come out. */
export interface Picture {
  tag: string;
  version: VersionRow;
  page: number;
  dpi: number;
  marks: PageMark[];
}

/** Draws pages of the stored files with their quotes marked. */
@Injectable()
export class PagePictures {
  private readonly places = new Shares(maxWaiting);

  constructor(
    private readonly database: Database,
    private readonly files: SourceFiles,
    private readonly pool: PicturePool,
  ) {}

  /** @throws page_not_found for formats without pages, not_found for a citation of another version */
  async plan(
    version: VersionRow,
    page: number,
    { dpi, citation }: PictureQuery,
    principal: Principal,
  ): Promise<Picture> {
    if (!renderable.has(version.format as Format))
      throw new Problem('page_not_found', 'Only pages of PDF files and images can be drawn.');
    const marks = citation ? await this.findMarks(version, page, citation, principal) : [];
    const tag = createHash('sha256')
      .update(JSON.stringify([version.content_hash, page, dpi, marks]))
      .digest('base64url');
    return { tag, version, page, dpi, marks };
  }

  /** @throws page_not_found, rate_limited, what drawing throws */
  async draw(picture: Picture, owner: PlaceOwner | null, signal: AbortSignal): Promise<Uint8Array> {
    const leave = this.places.take(owner);
    if (!leave)
      throw new Problem('rate_limited', 'Too many pages are being drawn. Try again in a moment.', {
        retryAfter: 1,
      });
    try {
      return await this.render(picture, signal);
    } finally {
      leave();
    }
  }

  private async render({ version, page, dpi, marks }: Picture, signal: AbortSignal): Promise<Uint8Array> {
    const file = await this.files.open(asBlobKey(version.blob_key), { signal });
    try {
      const { filename, bytes } = version;
      const source = { path: file.path, filename, bytes, format: version.format as Format };
      const wanted = {
        first: page,
        count: 1,
        dotsPerInch: dpi,
        // an image has pixels, and no inches that could be trusted
        maxSide: version.format === 'pdf' ? maxSide : Math.min(maxSide, dpi * maxInches),
        marks,
      };
      const { images, total } = await this.pool.render(source, wanted, { signal });
      const [image] = images;
      if (!image)
        throw new Problem('page_not_found', `The document has ${total} page${total === 1 ? '' : 's'}.`);
      return image.png;
    } catch (error) {
      throw asDiskProblem(error);
    } finally {
      await file.release();
    }
  }

  private async findMarks(
    { document_id, version }: VersionRow,
    page: number,
    citation: CitedPassage,
    { tenant, document_sets }: Principal,
  ): Promise<PageMark[]> {
    const chunks = [{ document_id, version: citation.version, ordinal: citation.ordinal }];
    const [chunk] = await this.database.call('chunk_places', { tenant, sets: document_sets, chunks });
    if (!chunk || chunk.version !== version)
      throw new Problem('not_found', 'The citation does not name a passage of the current version.');
    const range = citation.range ?? { start: 0, end: chunk.content.length };
    const size = chunk.place?.sizes?.[page];
    if (!size) return [];
    return findBoxes(chunk.place, range)
      .filter((box) => box.page === page)
      .map((box) => makeMark(box, size));
  }
}

const makeMark = ({ x, y, width, height }: PageBox, [pageWidth, pageHeight]: [number, number]): PageMark => ({
  x: x / pageWidth,
  y: y / pageHeight,
  width: width / pageWidth,
  height: height / pageHeight,
});
