import type { DeletionReceipt } from '../../platform/database/functions.js';

const nothing: DeletionReceipt = { documents: 0, chunks: 0, embeddings: 0, blobs: 0, summaries: 0 };

const add = (left: DeletionReceipt, right: DeletionReceipt): DeletionReceipt => ({
  documents: left.documents + right.documents,
  chunks: left.chunks + right.chunks,
  embeddings: left.embeddings + right.embeddings,
  blobs: left.blobs + right.blobs,
  summaries: left.summaries + right.summaries,
});

/** The total of all deletions. */
export const sumReceipts = (receipts: DeletionReceipt[]): DeletionReceipt => receipts.reduce(add, nothing);
