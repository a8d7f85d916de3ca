import { Module } from '@nestjs/common';
import { ParsingModule } from '../parsing/parsing.module.js';
import { ChunkStager } from './chunk-stager.js';
import { DeleteSetHandler } from './delete-set.handler.js';
import { IngestHandler } from './ingest.handler.js';
import { ParsedTexts } from './parsed-texts.js';
import { ParserMetrics } from './parser-metrics.js';
import { SourceFiles } from './source-files.js';
import { VersionStore } from './version-store.js';
import { VisionPipeline } from './vision.js';

@Module({
  imports: [ParsingModule],
  providers: [
    VersionStore,
    SourceFiles,
    ParsedTexts,
    VisionPipeline,
    ChunkStager,
    IngestHandler,
    DeleteSetHandler,
    ParserMetrics,
  ],
  exports: [IngestHandler, DeleteSetHandler],
})
export class IngestionModule {}
