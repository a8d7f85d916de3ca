import { Injectable, Logger } from '@nestjs/common';
import { parseKeyset, cutPage } from '../../common/cursor.js';
import { currentContext } from '../../common/request-context.js';
import { Database } from '../../platform/database/database.js';
import type { AuditEntry } from '../../platform/database/functions.js';
import type { Principal } from '../../common/principal.js';

export type AuditAction =
  | 'source.create'
  | 'source.delete'
  | 'source.run'
  | 'webhook.create'
  | 'webhook.delete'
  | 'webhook.redeliver'
  | 'document.upload'
  | 'document.delete'
  | 'document.update'
  | 'document.reparse'
  | 'set.delete'
  | 'task.cancel'
  | 'task.retry'
  | 'key.create'
  | 'key.revoke'
  | 'subject.suspend'
  | 'subject.resume'
  | 'space.build'
  | 'space.index'
  | 'space.activate'
  | 'space.drop';

/** Records who did what to which document or key. Rows are only ever added. */
@Injectable()
export class Audit {
  private readonly logger = new Logger(Audit.name);

  constructor(private readonly database: Database) {}

  /** Never fails the action that it records, which is done already; a failure is logged. */
  async record(
    principal: Principal,
    action: AuditAction,
    target: string | null,
    detail: Record<string, unknown>,
  ): Promise<void> {
    const { tenant, subject } = principal;
    const request_id = currentContext()?.requestId ?? null;
    await this.database
      .call('append_audit', { tenant, subject, action, target, detail, request_id })
      .catch((error: unknown) => {
        this.logger.error({ msg: 'an audit entry could not be written', action, target, err: error });
      });
  }

  async list(
    tenant: string,
    page: { limit: number; cursor?: string | undefined; document_id?: string | undefined },
  ): Promise<{ rows: AuditEntry[]; next_cursor: string | null }> {
    const after = parseKeyset('audit', page.cursor);
    const rows = await this.database.call('list_audit', {
      tenant,
      document_id: page.document_id ?? null,
      before_at: after?.at ?? null,
      before_id: after?.id ?? null,
      limit: page.limit + 1,
    });
    return cutPage('audit', rows, page.limit, (row) => ({ at: row.at, id: row.id }));
  }
}
