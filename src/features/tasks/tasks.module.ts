import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { TasksService } from './tasks.service.js';

@Module({ imports: [AuthModule], providers: [TasksService], exports: [TasksService] })
export class TasksModule {}
