import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { AnswersModule } from '../answers/answers.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { SummariesModule } from '../summaries/summaries.module.js';
import { McpController } from './mcp.controller.js';
import { McpCalls } from './mcp-calls.js';
import { McpServers } from './mcp-server.js';
import { McpTools } from './mcp-tools.js';

/** The documents as tools of the Model Context Protocol. */
@Module({
  imports: [AuthModule, AnswersModule, DocumentsModule, SummariesModule],
  controllers: [McpController],
  providers: [McpCalls, McpServers, McpTools],
})
export class McpModule {}
