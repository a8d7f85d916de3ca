import { Injectable } from '@nestjs/common';
import { parseKeyset, cutPage } from '../../common/cursor.js';
import { Problem } from '../../common/errors.js';
import { isUuid, uuidv7 } from '../../common/ids.js';
import { scopeArguments, type Principal } from '../../common/principal.js';
import { Database } from '../../platform/database/database.js';
import type { SourceRow } from '../../platform/database/functions.js';
import { toSeconds, type CreateSourceRequest, type ListSourcesQuery } from './sources.dto.js';

const maxSources = 50;
/** Sources as a principal may see them: those that fill its sets. */
@Injectable()
export class SourceStore {
  constructor(private readonly database: Database) {}

  /** @throws conflict when the tenant has the maximum number */
  async create({ tenant, subject }: Principal, request: CreateSourceRequest): Promise<SourceRow> {
    const row = await this.database.call('create_source', {
      id: uuidv7(),
      tenant,
      subject,
      driver: request.driver,
      settings: request.settings,
      document_set: request.document_set,
      every_seconds: request.schedule == null ? null : toSeconds(request.schedule),
      most: maxSources,
    });
    if (!row) throw new Problem('conflict', `There are ${maxSources} sources already. Delete one first.`);
    return row;
  }

  async list(principal: Principal, { limit, cursor }: ListSourcesQuery) {
    const after = parseKeyset('sources', cursor);
    const rows = await this.database.call('list_sources', {
      ...scopeArguments(principal),
      before_at: after?.at ?? null,
      before_id: after?.id ?? null,
      limit: limit + 1,
    });
    return cutPage('sources', rows, limit, (row) => ({ at: row.created_at, id: row.id }));
  }

  /** @throws not_found */
  async get(principal: Principal, id: string): Promise<SourceRow> {
    const row = isUuid(id)
      ? await this.database.call('get_source', { ...scopeArguments(principal), id })
      : null;
    if (!row) throw new Problem('not_found');
    return row;
  }

  /** @throws not_found */
  async delete(principal: Principal, id: string): Promise<void> {
    const answer = isUuid(id)
      ? await this.database.call('delete_source', { ...scopeArguments(principal), id })
      : null;
    if (!answer?.deleted) throw new Problem('not_found');
  }
}
