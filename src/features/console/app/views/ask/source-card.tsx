import type { Citation, SearchResult } from '../../client/types.js';
import { useCell } from '../../state/cell.js';
import { openCitation, openSource } from '../../state/viewer.js';
import { headingPath, placeOnPage } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { parseMarkdown, plainText } from '../../ui/markdown.js';
import { Icon } from '../../ui/icons.js';

const maxQuote = 420;
const maxPassage = 320;

/**
 * Markdown of a passage as a line of text: the cells of
 * a row beside each other, the rows one after the other.
 */
const plain = (text: string): string => plainText(parseMarkdown(text));
const shorten = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max).replace(/\s+\S*$/, '')} …`;

/** `'Spare parts'!A5:E5` as the sheet and the range. */
function splitCells(cells: string): { sheet: string; range: string } {
  const at = cells.lastIndexOf('!');
  const sheet = cells.slice(0, Math.max(at, 0)).replace(/^'|'$/g, '').replaceAll("''", "'");
  return { sheet, range: cells.slice(at + 1) };
}

function Place({ result, citation }: { result: SearchResult; citation?: Citation }) {
  const { filename, page, page_end, media_type } = result.metadata;
  const shownPage = citation?.page ?? page;
  const source = citation?.source ?? result.metadata.source;
  const cells = citation?.cells ? splitCells(citation.cells) : null;
  const heading = headingPath(result.metadata.heading ?? cells?.sheet ?? '');
  return (
    <>
      <span class="place-name">{filename}</span>
      <span class="place">
        {shownPage !== null && (
          <span>{placeOnPage(media_type ?? '', shownPage, citation?.page == null ? page_end : null)}</span>
        )}
        {cells && <span>{cells.range}</span>}
        {heading && <span class="heading">{heading}</span>}
        {(source === 'ocr' || source === 'vision') && (
          <span class="badge">
            <Icon name="scan" size={14} /> {source === 'ocr' ? t().ask.ocr : t().ask.vision}
          </span>
        )}
      </span>
    </>
  );
}

interface SourceCardProps {
  marker: string;
  /** Every quote from the same passage. */
  citations: Citation[];
  results: SearchResult[];
}

export function SourceCard({ marker, citations, results }: SourceCardProps) {
  const open = useCell(openSource);
  const [first] = citations;
  const result = first && results[first.result];
  if (!first || !result) return null;
  const number = marker.slice(1, -1);
  return (
    <li class="card source">
      <span class="number" aria-hidden="true">
        {number}
      </span>
      <div>
        <button
          type="button"
          class="card-open"
          title={t().ask.openSource(result.metadata.filename)}
          aria-pressed={open?.quote === first.quote && open.documentId === result.metadata.document_id}
          onClick={() => openCitation(result, first)}
        >
          <span class="visually-hidden">{t().ask.sourceNumber(number)}: </span>
          <Place result={result} citation={first} />
        </button>
        {citations.map((citation) => (
          <div key={citation.quote}>
            <blockquote>{shorten(plain(citation.quote), maxQuote)}</blockquote>
            {citation.verified ? (
              <p class="verified">
                <Icon name="check" size={14} /> {t().ask.verified}
              </p>
            ) : (
              <p class="unverified">
                <Icon name="warning" size={14} /> {t().ask.unverified}
              </p>
            )}
          </div>
        ))}
      </div>
    </li>
  );
}

/** A passage that was found and is not quoted. */
export function PassageCard({ result }: { result: SearchResult }) {
  return (
    <li class="card passage">
      <button
        type="button"
        class="card-open"
        title={t().ask.openSource(result.metadata.filename)}
        onClick={() => openCitation(result)}
      >
        <Place result={result} />
      </button>
      <p class="excerpt">{shorten(plain(result.content), maxPassage)}</p>
    </li>
  );
}
