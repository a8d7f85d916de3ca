import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useCell } from '../../state/cell.js';
import { hrefTo } from '../../state/router.js';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { openSource, type OpenSource } from '../../state/viewer.js';
import { describeError, fileKind, hasSlides } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { IconButton, LoadError } from '../../ui/controls.js';
import { saveFile } from '../../ui/download.js';
import { Icon } from '../../ui/icons.js';
import { announce } from '../../ui/toasts.js';
import { loadText } from './document-text.js';
import { PagesPane } from './pages-pane.js';
import { findHitBoxes } from './hit-boxes.js';
import { findCited, TextPane } from './text-pane.js';
import { useSearch } from './use-search.js';

/** The document beside the answer, at the place that is cited. */
export function Viewer() {
  const source = useCell(openSource);
  return source && <ViewerFor key={source.documentId} source={source} />;
}

async function download({ documentId, filename }: OpenSource): Promise<void> {
  try {
    saveFile(filename, await docent.original(documentId));
  } catch (error) {
    announce(describeError(error), 'bad');
  }
}

function ViewerFor({ source }: { source: OpenSource }) {
  const { documentId, filename } = source;
  const document_ = useData(() => docent.document(documentId), documentId);
  const text = useData(() => loadText(documentId), documentId);
  const kind = fileKind(document_.data?.media_type ?? '');
  const pages = kind === 'pdf' || kind === 'image' ? (document_.data?.pages ?? 0) : 0;
  const [mode, setMode] = useState<'pages' | 'text' | null>(null);
  const [query, setQuery] = useState('');
  const search = useSearch(text.data ?? [], query);
  const frame = useRef<HTMLElement>(null);
  const shown = mode ?? (pages > 0 ? 'pages' : 'text');
  const known = document_.data !== undefined || document_.error !== undefined;

  useEffect(() => {
    const opener = document.activeElement;
    frame.current?.focus({ preventScroll: true });
    const close = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !document.querySelector('dialog[open]')) openSource.set(null);
    };
    addEventListener('keydown', close);
    return () => {
      removeEventListener('keydown', close);
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);
  const looked = search.current ?? findCited(text.data ?? [], source);
  const part = looked ? text.data?.[looked.part] : undefined;
  const target = useMemo(
    () => ({ page: search.current ? (part?.page ?? null) : source.page }),
    [search.current, source],
  );
  // the quote's own boxes where the citation has them, else those of the paragraph that it stands in
  const boxes = useMemo(
    () =>
      !search.current && source.boxes?.length
        ? source.boxes
        : part && looked
          ? findHitBoxes(part, looked)
          : [],
    [search.current, source, part],
  );
  const sizes = useMemo(
    () =>
      new Map(
        (text.data ?? []).flatMap(({ page, page_size }) => (page && page_size ? [[page, page_size]] : [])),
      ),
    [text.data],
  );

  return (
    <aside class="viewer" aria-label={`${t().viewer.title}: ${filename}`} ref={frame} tabIndex={-1}>
      <header>
        <h2 title={filename}>{filename}</h2>
        <IconButton icon="download" label={t().viewer.original} onClick={() => void download(source)} />
        <a
          class="icon-button"
          href={hrefTo('documents', documentId)}
          title={t().viewer.details}
          aria-label={t().viewer.details}
        >
          <Icon name="info" />
        </a>
        <IconButton icon="close" label={t().common.close} onClick={() => openSource.set(null)} />
      </header>
      <div class="viewer-tools">
        {pages > 0 && (
          <div class="segments" role="group">
            {(['pages', 'text'] as const).map((name) => (
              <button key={name} type="button" aria-pressed={shown === name} onClick={() => setMode(name)}>
                {name === 'pages' && kind === 'image' ? t().viewer.picture : t().viewer[name]}
              </button>
            ))}
          </div>
        )}
        <div class="search-box" role="search">
          <Icon name="search" size={16} />
          <input
            type="search"
            value={query}
            aria-label={t().viewer.search}
            placeholder={t().viewer.search}
            onInput={(event) => setQuery(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Enter' && search.step(event.shiftKey ? -1 : 1)}
          />
          {query.trim() !== '' && (
            <span class="hits" role="status">
              {search.hits.length > 0
                ? t().viewer.hits(search.place + 1, search.hits.length)
                : t().viewer.noHits}
            </span>
          )}
          <IconButton
            icon="up"
            label={t().common.previous}
            disabled={search.hits.length === 0}
            onClick={() => search.step(-1)}
          />
          <IconButton
            icon="down"
            label={t().common.next}
            disabled={search.hits.length === 0}
            onClick={() => search.step(1)}
          />
        </div>
      </div>
      {document_.error && <LoadError error={document_.error} onRetry={document_.reload} />}
      {known && shown === 'pages' && pages > 0 && (
        <PagesPane
          source={source}
          pages={pages}
          target={target}
          boxes={boxes}
          sizes={sizes}
          onMissing={() => setMode((before) => before ?? 'text')}
          onText={() => setMode('text')}
        />
      )}
      {known && shown === 'text' && text.error && <LoadError error={text.error} onRetry={text.reload} />}
      {known && shown === 'text' && text.data && (
        <TextPane
          parts={text.data}
          slides={hasSlides(document_.data?.media_type ?? '')}
          source={source}
          hits={search.hits}
          currentHit={search.current}
        />
      )}
      {(!known || (shown === 'text' && text.loading && !text.data)) && (
        <p class="hint padded">{t().common.loading}</p>
      )}
    </aside>
  );
}
