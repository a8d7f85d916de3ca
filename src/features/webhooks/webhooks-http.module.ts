import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { WebhookStore } from './webhook.store.js';
import { WebhooksController } from './webhooks.controller.js';

/** The routes of webhooks; workers go without them. */
@Module({ imports: [AuthModule], controllers: [WebhooksController], providers: [WebhookStore] })
export class WebhooksHttpModule {}
