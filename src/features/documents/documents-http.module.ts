import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DocumentsModule } from './documents.module.js';
import { DocumentsController } from './documents.controller.js';
import { FilesController } from './files.controller.js';
import { UploadsController } from './uploads.controller.js';

/** The routes of documents; workers go without them. */
@Module({
  imports: [AuthModule, DocumentsModule],
  controllers: [UploadsController, DocumentsController, FilesController],
})
export class DocumentsHttpModule {}
