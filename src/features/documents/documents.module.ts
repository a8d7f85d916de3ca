import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { Archives } from './archives.js';
import { DeleteSetHandler } from './delete-set.handler.js';
import { DocumentStore } from './document.store.js';
import { DocumentsService } from './documents.service.js';
import { Uploads } from './uploads.js';

@Module({
  imports: [AuthModule],
  providers: [Archives, DeleteSetHandler, DocumentStore, DocumentsService, Uploads],
  exports: [Archives, DeleteSetHandler, DocumentStore, DocumentsService, Uploads],
})
export class DocumentsModule {}
