import { Module } from '@nestjs/common';
import { AgentModule } from './agent.module.js';
import { AgentController } from './agent.controller.js';

/** The routes of the agent; workers go without them. */
@Module({ imports: [AgentModule], controllers: [AgentController] })
export class AgentHttpModule {}
