import type { DocumentItem } from '../../client/types.js';
import { hrefTo } from '../../state/router.js';
import { mayDo } from '../../state/session.js';
import { fileKind, formatBytes, formatFullTime, formatNumber, formatWhen } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { TableFrame } from '../../ui/controls.js';
import type { Selection } from './selection-bar.js';
import { Status } from './status.js';

interface DocumentsTableProps {
  rows: DocumentItem[];
  selected: Selection;
  onSelect: (selected: Selection) => void;
}

export function DocumentsTable({ rows, selected, onSelect }: DocumentsTableProps) {
  const all = rows.every(({ id }) => selected.has(id));
  const may = mayDo('write');
  const toggle = (documents: DocumentItem[], on: boolean) => {
    const next = new Map(selected);
    for (const document of documents) {
      if (on) next.set(document.id, document);
      else next.delete(document.id);
    }
    onSelect(next);
  };
  return (
    <TableFrame label={t().documents.title}>
      <table class="documents-table">
        <thead>
          <tr>
            {may && (
              <th scope="col" class="choose">
                <input
                  type="checkbox"
                  aria-label={t().documents.selectAll}
                  checked={all}
                  onChange={(event) => toggle(rows, event.currentTarget.checked)}
                />
              </th>
            )}
            <th scope="col">{t().documents.name}</th>
            <th scope="col">{t().documents.status}</th>
            <th scope="col">{t().documents.set}</th>
            <th scope="col">{t().documents.type}</th>
            <th scope="col" class="number-cell">
              {t().documents.pages}
            </th>
            <th scope="col" class="number-cell">
              {t().documents.size}
            </th>
            <th scope="col">{t().documents.added}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((document) => (
            <tr key={document.id} class={selected.has(document.id) ? 'chosen' : ''}>
              {may && (
                <td class="choose">
                  <input
                    type="checkbox"
                    aria-label={t().documents.select(document.filename)}
                    checked={selected.has(document.id)}
                    onChange={(event) => toggle([document], event.currentTarget.checked)}
                  />
                </td>
              )}
              <td class="name">
                <a href={hrefTo('documents', document.id)}>{document.filename}</a>
              </td>
              <td class="state">
                <Status document={document} brief />
              </td>
              <td class="set" title={document.document_set}>
                <span class="clamp">{document.document_set}</span>
              </td>
              <td class="type">{t().fileTypes[fileKind(document.media_type)]}</td>
              <td class="number-cell">
                {document.pages === null ? t().common.none : formatNumber(document.pages)}
              </td>
              <td class="number-cell">{formatBytes(document.bytes)}</td>
              <td class="when" title={formatFullTime(document.created_at)}>
                {formatWhen(document.created_at)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
