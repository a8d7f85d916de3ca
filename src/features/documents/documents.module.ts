import { Module } from '@nestjs/common';
import { Quotas } from '../auth/quotas.js';
import { DocumentStore } from './document.store.js';
import { DocumentsService } from './documents.service.js';
import { Uploads } from './uploads.js';

@Module({
  providers: [DocumentStore, DocumentsService, Quotas, Uploads],
  exports: [DocumentStore, DocumentsService, Quotas, Uploads],
})
export class DocumentsModule {}
