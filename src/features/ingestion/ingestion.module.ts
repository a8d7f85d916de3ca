import { Module } from '@nestjs/common';
import { Env } from '../../config/env.js';
import { ParsingModule } from '../parsing/parsing.module.js';
import { Chunker } from './chunker.js';
import { ChunkStager } from './chunk-stager.js';
import { IngestHandler } from './ingest.handler.js';
import { LaterVectors } from './later-vectors.js';
import { OcrPipeline } from './ocr.js';
import { ParsedTexts } from './parsed-texts.js';
import { ParserMetrics } from './parser-metrics.js';
import { ReindexHandler } from './reindex.handler.js';
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
    OcrPipeline,
    {
      provide: Chunker,
      inject: [Env],
      useFactory: (env: Env) => new Chunker({ chunkSize: env.CHUNK_SIZE, chunkOverlap: env.CHUNK_OVERLAP }),
    },
    ChunkStager,
    LaterVectors,
    IngestHandler,
    ReindexHandler,
    ParserMetrics,
  ],
  exports: [IngestHandler, LaterVectors, ReindexHandler],
})
export class IngestionModule {}
