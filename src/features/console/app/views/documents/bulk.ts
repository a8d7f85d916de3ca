import type { DocumentItem, Receipt } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { describeError } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { announce } from '../../ui/toasts.js';

const maxParallel = 3;

/** Does something to each document, a few at a time; one that fails does not stop the others. */
async function forEach<T>(
  documents: DocumentItem[],
  work: (document: DocumentItem) => Promise<T>,
): Promise<{ done: T[]; failed: unknown[] }> {
  const pending = [...documents];
  const done: T[] = [];
  const failed: unknown[] = [];
  const worker = async () => {
    for (let next = pending.shift(); next; next = pending.shift()) {
      try {
        done.push(await work(next));
      } catch (error) {
        failed.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: maxParallel }, worker));
  if (failed.length > 0) announce(t().documents.someFailed(failed.length, describeError(failed[0])), 'bad');
  return { done, failed };
}

export async function deleteDocuments(documents: DocumentItem[]): Promise<void> {
  const { done } = await forEach(documents, async ({ id }) => (await docent.deleteDocument(id)).deleted);
  const sum = (field: keyof Receipt) => done.reduce((total, receipt) => total + receipt[field], 0);
  if (done.length > 0) announce(t().documents.deleted(sum('documents'), sum('chunks')));
}

export async function moveDocuments(documents: DocumentItem[], document_set: string): Promise<void> {
  const { done } = await forEach(documents, ({ id }) => docent.changeDocument(id, { document_set }));
  if (done.length > 0) announce(t().documents.moved(done.length));
}

export async function readAgain(documents: DocumentItem[]): Promise<void> {
  const { done } = await forEach(
    documents.filter(({ task_id }) => task_id !== null),
    ({ task_id }) => docent.retryTask(task_id ?? ''),
  );
  if (done.length > 0) announce(t().documents.retried(done.length));
}
