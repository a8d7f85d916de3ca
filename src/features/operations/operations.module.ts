import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { OperationsController } from './operations.controller.js';

/** Statistics, workers, the audit log and other routes for operators. */
@Module({ imports: [AuthModule], controllers: [OperationsController] })
export class OperationsModule {}
