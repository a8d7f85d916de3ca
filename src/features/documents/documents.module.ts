import { Module } from '@nestjs/common';
import { Quotas } from '../auth/quotas.js';
import { DeleteSetHandler } from './delete-set.handler.js';
import { DocumentStore } from './document.store.js';
import { DocumentsService } from './documents.service.js';
import { Uploads } from './uploads.js';

@Module({
  providers: [DeleteSetHandler, DocumentStore, DocumentsService, Quotas, Uploads],
  exports: [DeleteSetHandler, DocumentStore, DocumentsService, Quotas, Uploads],
})
export class DocumentsModule {}
