import { Injectable } from '@nestjs/common';
import { findBoxes, findCells, findQuote, type PageBox, type TextSource } from '../../common/chunk-place.js';
import { citationKey } from '../../common/citation-key.js';
import type { Principal } from '../../common/principal.js';
import { Database } from '../../platform/database/database.js';
import type { ChunkPlaceRow } from '../../platform/database/functions.js';
import type { Citation } from './citations.js';
import type { SearchResult } from './answers.dto.js';

/** The place of a quote in its file. */
interface CitationPlace {
  /** Names the passage for `/agent/documents/{id}/pages/{n}.png`; null for a quote that is not in a chunk. */
  key: string | null;
  boxes: PageBox[];
  page_size: { width: number; height: number } | null;
  source: TextSource | null;
  cells: string | null;
}
export type PlacedCitation = Citation & CitationPlace;

const nowhere: CitationPlace = { key: null, boxes: [], page_size: null, source: null, cells: null };

/** Finds the place of each citation's quote: boxes on the page, or cells of the sheet. */
@Injectable()
export class CitationPlaces {
  constructor(private readonly database: Database) {}

  /** @throws database_unavailable */
  async place(
    citations: Citation[],
    results: Pick<SearchResult, 'metadata'>[],
    { tenant, document_sets }: Pick<Principal, 'tenant' | 'document_sets'>,
    signal?: AbortSignal,
  ): Promise<PlacedCitation[]> {
    const wanted = citations.map((citation) =>
      citation.verified ? listChunks(results[citation.result]?.metadata) : [],
    );
    if (wanted.every((chunks) => chunks.length === 0))
      return citations.map((citation) => ({ ...citation, ...nowhere }));
    const chunks = [...new Map(wanted.flat().map((chunk) => [makeName(chunk), chunk])).values()];
    const rows = await this.database.call(
      'chunk_places',
      { tenant, sets: document_sets, chunks },
      { signal },
    );
    const known = new Map(rows.map((row) => [makeName(row), row]));
    return citations.map((citation, index) =>
      placed(
        citation,
        (wanted[index] ?? []).flatMap((chunk) => known.get(makeName(chunk)) ?? []),
      ),
    );
  }
}

interface ChunkName {
  document_id: string;
  version: number;
  ordinal: number;
}

const makeName = ({ document_id, version, ordinal }: ChunkName): string =>
  `${document_id} ${version} ${ordinal}`;

/** The chunk that was found first, then the ones that were merged into it. */
function listChunks(metadata: SearchResult['metadata'] | undefined): ChunkName[] {
  if (!metadata) return [];
  const { document_id, version, ordinal, neighbours } = metadata;
  if (typeof version !== 'number' || typeof ordinal !== 'number') return [];
  return [ordinal, ...neighbours].map((place) => ({ document_id, version, ordinal: place }));
}

function placed(citation: Citation, chunks: ChunkPlaceRow[]): PlacedCitation {
  for (const { version, ordinal, content, place } of chunks) {
    const range = findQuote(citation.quote, content);
    if (!range) continue;
    const boxes = findBoxes(place, range);
    const page = boxes[0]?.page ?? citation.page;
    const size = page === null ? undefined : place?.sizes?.[page];
    return {
      ...citation,
      page,
      key: citationKey({ version, ordinal, range }),
      boxes,
      page_size: size ? { width: size[0], height: size[1] } : null,
      source: place?.source ?? 'text',
      cells: findCells(place, content, range),
    };
  }
  return { ...citation, ...nowhere };
}
