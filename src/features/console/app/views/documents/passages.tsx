import { useState } from 'preact/hooks';
import type { Chunk, DocumentItem } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { openDocument } from '../../state/viewer.js';
import { headingPath, placeOnPage } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Blocks } from '../../ui/blocks.js';
import { Button } from '../../ui/controls.js';
import { LoadState } from '../../ui/load-state.js';
import { parseMarkdown } from '../../ui/markdown.js';

const pageSize = 20;

/** What searches find of a document. */
export function Passages({ document }: { document: DocumentItem }) {
  const first = useData(
    () => docent.chunks(document.id, null, pageSize),
    `${document.id}/${document.ready_version}`,
  );
  const [more, setMore] = useState<{ chunks: Chunk[]; next: string | null } | null>(null);
  const chunks = [...(first.data?.chunks ?? []), ...(more?.chunks ?? [])];
  const next = more ? more.next : (first.data?.next_cursor ?? null);
  const load = async () => {
    const page = await docent.chunks(document.id, next, pageSize);
    setMore((before) => ({ chunks: [...(before?.chunks ?? []), ...page.chunks], next: page.next_cursor }));
  };
  return (
    <section class="panel">
      <h2>{t().document.passages}</h2>
      <LoadState of={first} />
      <ol class="passages">
        {chunks.map((chunk) => (
          <li key={chunk.id}>
            <button
              type="button"
              class="link"
              onClick={() => openDocument({ ...document, page: chunk.page, passage: chunk.content })}
            >
              {[
                chunk.page === null ? null : placeOnPage(document.media_type, chunk.page, chunk.page_end),
                chunk.heading && headingPath(chunk.heading),
              ]
                .filter(Boolean)
                .join(' · ') || `${chunk.ordinal + 1}`}
            </button>
            <div class="prose">
              <Blocks blocks={parseMarkdown(chunk.content)} />
            </div>
          </li>
        ))}
      </ol>
      {next && <Button onClick={() => void load()}>{t().common.more}</Button>}
    </section>
  );
}
