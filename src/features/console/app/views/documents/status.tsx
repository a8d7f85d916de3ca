import type { DocumentItem } from '../../client/types.js';
import { describeFailure } from '../../text/format.js';
import { t } from '../../text/texts.js';

/** The state of a document, and in words what is the matter where something is. */
export function Status({ document, brief }: { document: DocumentItem; brief?: boolean }) {
  const { status, error, ready_version, version, embedding } = document;
  const kind = status === 'ready' ? 'good' : status === 'failed' ? 'bad' : '';
  const older = ready_version !== null && ready_version !== version;
  return (
    <>
      <span class={`badge ${kind}`}>{t().documents.statuses[status]}</span>
      {status === 'failed' && <p class="status-reason">{describeFailure(error)}</p>}
      {older && (
        <p class="hint">{status === 'failed' ? t().documents.olderAnswers : t().documents.updating}</p>
      )}
      {embedding && embedding.embedded < embedding.chunks && (
        <p class="hint">
          {brief
            ? t().documents.wordsSoFar
            : t().documents.partlyEmbedded(embedding.embedded, embedding.chunks)}
        </p>
      )}
    </>
  );
}
