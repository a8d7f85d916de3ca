import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { SpacesModule } from './spaces.module.js';
import { SpacesController } from './spaces.controller.js';

/** The routes of embedding spaces; workers go without them. */
@Module({ imports: [AuthModule, SpacesModule], controllers: [SpacesController] })
export class SpacesHttpModule {}
