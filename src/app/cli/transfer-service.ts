import type { ListedDocument, TransferService } from '../transfer/originals.js';
import { ApiError, type ApiClient } from './client.js';
import { describeOutcome } from './outcome.js';

const segment = encodeURIComponent;

/** A running service as `docent export` and `docent import` use it. */
export const transferService = (client: ApiClient): TransferService => ({
  documents: (documentSet) =>
    client.pages<ListedDocument>('/agent/documents', 'documents', { document_set: documentSet }),
  readPipeline: async (id) => {
    const path = `/agent/documents/${segment(id)}/versions`;
    const { versions } = await client.json<{ versions: { version: number; pipeline: 'standard' | 'vlm' }[] }>(
      'GET',
      path,
    );
    return versions.toSorted((a, b) => b.version - a.version)[0]?.pipeline ?? 'standard';
  },
  original: async (id) => {
    const response = await client.request('GET', `/agent/documents/${segment(id)}/file`);
    const sha256 = (response.headers.get('etag') ?? '').replaceAll('"', '');
    return { sha256, body: response.body ?? new ReadableStream({ start: (stream) => stream.close() }) };
  },
  upload: async ({ path, filename, metadata, ...fields }) => {
    const form = {
      ...fields,
      ...(Object.keys(metadata).length > 0 && { metadata: JSON.stringify(metadata) }),
    };
    try {
      const { documents, rejected } = await client.upload([{ path, filename }], form);
      const [document] = documents;
      if (!document) return { refused: rejected.map(({ code, detail }) => `${code}: ${detail}`).join('; ') };
      return { task: document.duplicate && document.status === 'ready' ? null : document.task_id };
    } catch (error) {
      if (!(error instanceof ApiError) || !concernsTheFile(error)) throw error;
      return { refused: error.message };
    }
  },
  ended: async (task) => {
    const ended = await client.ended(task);
    return ended.status === 'SUCCESS' ? null : describeOutcome(ended);
  },
});

/** Everything else would meet the next file too. */
const concernsTheFile = ({ status }: ApiError): boolean => status === 413 || status === 415 || status === 422;
