import { Module } from '@nestjs/common';
import { AnswersModule } from './answers.module.js';
import { AnswersController } from './answers.controller.js';

/** The routes of answers; workers go without them. */
@Module({ imports: [AnswersModule], controllers: [AnswersController] })
export class AnswersHttpModule {}
