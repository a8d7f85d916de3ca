import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { DocentError } from '@docent/client';
import type { DocumentItem } from '../../client/types.js';
import { goTo, hrefTo } from '../../state/router.js';
import { docent, mayDo } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { openDocument } from '../../state/viewer.js';
import {
  describeError,
  describeWarning,
  fileKind,
  formatBytes,
  formatFullTime,
  formatNumber,
  nameLanguage,
} from '../../text/format.js';
import { needsOtherFile } from '../../text/problems.js';
import { t } from '../../text/texts.js';
import { Button, Empty, Notice } from '../../ui/controls.js';
import { saveFile } from '../../ui/download.js';
import { Icon } from '../../ui/icons.js';
import { LoadState } from '../../ui/load-state.js';
import { announce } from '../../ui/toasts.js';
import { readAgain } from './bulk.js';
import { DeleteDialog, MoveDialog } from './document-dialogs.js';
import { History } from './history.js';
import { MetadataSection } from './metadata-section.js';
import { Passages } from './passages.js';
import { Status } from './status.js';
import { SummarySection } from './summary-section.js';
import { Versions } from './versions.js';

/** Everything about one document. */
export function DocumentPage({ id }: { id: string }) {
  const page = useData(() => docent.document(id), id, { events: true });
  const sets = useData(() => docent.documentSets(), 'sets');
  const [dialog, setDialog] = useState<'delete' | 'move' | null>(null);
  const document_ = page.data;
  const gone = page.error instanceof DocentError && page.error.status === 404;
  return (
    <div class="page-body document-page">
      <a class="back" href={hrefTo('documents')}>
        <Icon name="left" size={18} /> {t().document.back}
      </a>
      {gone && <Empty title={t().document.gone} />}
      {!gone && <LoadState of={page} />}
      {document_ && !gone && (
        <>
          <div class="page-head">
            <h1>{document_.title && document_.title.length < 120 ? document_.title : document_.filename}</h1>
          </div>
          <Actions document={document_} onChoose={setDialog} onChange={page.reload} />
          <About document={document_} />
          <Warnings document={document_} />
          {document_.ready_version !== null && document_.ready_version !== document_.version && (
            <Versions document={document_} />
          )}
          <MetadataSection document={document_} onSaved={page.reload} />
          {document_.ready_version !== null && <SummarySection document={document_} />}
          {document_.ready_version !== null && <Passages document={document_} />}
          {mayDo('admin') && <History document={document_} />}
          {dialog === 'delete' && (
            <DeleteDialog
              documents={[document_]}
              onClose={() => setDialog(null)}
              onDone={() => goTo('documents')}
            />
          )}
          {dialog === 'move' && (
            <MoveDialog
              documents={[document_]}
              sets={sets.data?.sets ?? []}
              onClose={() => setDialog(null)}
              onDone={page.reload}
            />
          )}
        </>
      )}
    </div>
  );
}

interface ActionsProps {
  document: DocumentItem;
  onChoose: (dialog: 'delete' | 'move') => void;
  onChange: () => void;
}

function Actions({ document, onChoose, onChange }: ActionsProps) {
  const download = async () => {
    try {
      saveFile(document.filename, await docent.original(document.id));
    } catch (error) {
      announce(describeError(error), 'bad');
    }
  };
  return (
    <div class="actions">
      {document.ready_version !== null && (
        <Button kind="primary" icon="documents" onClick={() => openDocument(document)}>
          {t().document.open}
        </Button>
      )}
      <Button icon="download" onClick={() => void download()}>
        {t().document.download}
      </Button>
      {mayDo('write') && (
        <>
          {document.status === 'failed' && !(document.error && needsOtherFile.has(document.error.code)) && (
            <Button icon="again" onClick={() => void readAgain([document]).then(onChange)}>
              {t().documents.readAgain}
            </Button>
          )}
          <Button icon="move" onClick={() => onChoose('move')}>
            {t().documents.move}
          </Button>
          <Button icon="trash" onClick={() => onChoose('delete')}>
            {t().common.delete}
          </Button>
        </>
      )}
    </div>
  );
}

function About({ document }: { document: DocumentItem }) {
  const { ready_version, version } = document;
  const answers =
    ready_version === null
      ? t().document.noneAnswers
      : ready_version === version
        ? null
        : t().document.versionAnswers(ready_version);
  const facts: [string, ComponentChildren][] = [
    [t().documents.name, document.filename],
    [t().documents.status, <Status key="status" document={document} />],
    [t().document.set, document.document_set],
    [t().document.type, t().fileTypes[fileKind(document.media_type)]],
    [t().document.size, formatBytes(document.bytes)],
    [t().document.pages, document.pages === null ? t().common.none : formatNumber(document.pages)],
    [
      t().document.passagesCount,
      document.chunk_count === null ? t().common.none : formatNumber(document.chunk_count),
    ],
    [t().document.language, document.language ? nameLanguage(document.language) : t().common.none],
    [t().document.version, `${version}${answers ? ` (${answers})` : ''}`],
    [t().document.added, formatFullTime(document.created_at)],
    [t().document.changed, formatFullTime(document.updated_at)],
  ];
  return (
    <section class="panel" aria-label={t().document.about}>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Warnings({ document: { warnings } }: { document: DocumentItem }) {
  if (warnings.length === 0) return null;
  return (
    <Notice kind="warning" title={`${t().document.warnings}:`}>
      <ul class="warnings">
        {warnings.map((warning, index) => (
          <li key={index}>{describeWarning(warning)}</li>
        ))}
      </ul>
    </Notice>
  );
}
