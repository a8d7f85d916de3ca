import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { FolderWatch } from './folder-watch.js';

@Module({ imports: [AuthModule, DocumentsModule], providers: [FolderWatch], exports: [FolderWatch] })
export class WatchModule {}
