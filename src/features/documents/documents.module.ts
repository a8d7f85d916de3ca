import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { Archives } from './archives.js';
import { DeleteSetHandler } from './delete-set.handler.js';
import { DocumentStore } from './document.store.js';
import { DocumentsService } from './documents.service.js';
import { Intake } from './intake.js';
import { Uploads } from './uploads.js';

@Module({
  imports: [AuthModule],
  providers: [Archives, DeleteSetHandler, DocumentStore, DocumentsService, Intake, Uploads],
  exports: [DeleteSetHandler, DocumentStore, DocumentsService, Intake],
})
export class DocumentsModule {}
