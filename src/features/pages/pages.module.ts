import { Module } from '@nestjs/common';
import { DocumentsModule } from '../documents/documents.module.js';
import { SourceFiles } from '../ingestion/source-files.js';
import { DocumentTexts } from './document-texts.js';
import { PagePictures } from './page-pictures.js';
import { PagesController } from './pages.controller.js';
import { PicturePool } from './picture-pool.js';

@Module({
  imports: [DocumentsModule],
  controllers: [PagesController],
  providers: [DocumentTexts, PagePictures, PicturePool, SourceFiles],
})
export class PagesModule {}
