import { Injectable } from '@nestjs/common';
import type { DeletionReceipt } from '../../platform/database/functions.js';
import { Database } from '../../platform/database/database.js';
import { EventBus } from '../../platform/events/event-bus.js';
import { documentDeleted } from '../../platform/events/events.js';
import { Announcer } from '../../platform/queue/announcer.js';
import type { JobResult, Payload } from '../../platform/queue/jobs.js';
import { TaskStore } from '../../platform/queue/task-store.js';
import { type Handler, Handles, type Work } from '../../platform/queue/work.js';
import { sumReceipts } from './receipts.js';

/** Documents in one transaction: few enough that uploads to the set are not kept waiting. */
const batchSize = 200;
const receiptKey = 'receipt';

/**
 * Deletes in batches the documents that a set held when its deletion was requested. The receipt is stored
 * after each batch, so that a resumed run counts the earlier ones too.
 */
@Handles('delete_set')
@Injectable()
export class DeleteSetHandler implements Handler<'delete_set'> {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskStore,
    private readonly announcer: Announcer,
    private readonly events: EventBus,
  ) {}

  async run({ document_set }: Payload<'delete_set'>, work: Work): Promise<JobResult<'delete_set'>> {
    const { id, tenant, created_at } = work.task;
    let receipt =
      ((await this.tasks.checkpoints(work.task)).get(receiptKey) as DeletionReceipt | undefined) ??
      sumReceipts([]);
    for (let remaining = 1; remaining > 0;) {
      work.signal.throwIfAborted();
      const gone = await work.stage('delete', () =>
        this.database.call('delete_documents_of_set', {
          tenant,
          document_set,
          limit: batchSize,
          accepted_before: created_at,
        }),
      );
      receipt = sumReceipts([receipt, gone.receipt]);
      remaining = gone.remaining;
      await this.tasks.saveCheckpoint(work.claim, receiptKey, receipt);
      await this.announcer.announce(gone.cancelled);
      work.progress(receipt.documents / Math.max(receipt.documents + remaining, 1));
    }
    await this.events.publish(
      tenant,
      documentDeleted({ id: null, filename: null, document_set }, receipt, {
        task: id,
        requestId: work.task.request_id,
      }),
    );
    return { deleted: receipt };
  }
}
