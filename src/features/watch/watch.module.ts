import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { FolderWatch } from './folder-watch.js';
import { WatchTurn } from './watch-turn.js';

@Module({
  imports: [AuthModule, DocumentsModule],
  providers: [FolderWatch, WatchTurn],
  exports: [FolderWatch],
})
export class WatchModule {}
