import { Injectable } from '@nestjs/common';
import { normalizeDocumentSet } from '../../common/document-set.js';
import { Problem } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { DocumentStore } from '../documents/document.store.js';
import type { Model } from './chat.dto.js';

const everything = 'docent';
const prefix = `${everything}/`;

/** A model stands for the documents that a question is asked about: all sets, or one. */
@Injectable()
export class Models {
  constructor(private readonly documents: DocumentStore) {}

  async list(principal: Principal): Promise<Model[]> {
    const sets = await this.documents.sets(principal);
    return [everything, ...sets.map(({ name }) => prefix + name)].map(describeModel);
  }

  /** @throws model_not_found */
  async get(principal: Principal, id: string): Promise<Model> {
    await this.resolve(principal, id);
    return describeModel(id);
  }

  /** The document set that `id` names; null for all. @throws model_not_found */
  async resolve(principal: Principal, id: string): Promise<string | null> {
    if (id === everything) return null;
    const missing = new Problem(
      'model_not_found',
      'The model does not exist. GET /v1/models lists those that do.',
    );
    const name = id.startsWith(prefix) ? id.slice(prefix.length) : '';
    if (!/[a-z0-9]/iu.test(name)) throw missing;
    const set = normalizeDocumentSet(name);
    const sets = await this.documents.sets(principal);
    if (!sets.some((known) => known.name === set)) throw missing;
    return set;
  }
}

/** Document sets have no birthday; clients only want a number. */
const describeModel = (id: string): Model => ({ id, object: 'model', created: 0, owned_by: 'docent' });
