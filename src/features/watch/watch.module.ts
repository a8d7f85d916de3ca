import { Module } from '@nestjs/common';
import { DocumentsModule } from '../documents/documents.module.js';
import { FolderWatch } from './folder-watch.js';

@Module({ imports: [DocumentsModule], providers: [FolderWatch], exports: [FolderWatch] })
export class WatchModule {}
