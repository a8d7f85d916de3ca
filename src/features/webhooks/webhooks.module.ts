import { Module } from '@nestjs/common';
import { WebhookSender } from './webhook-sender.js';
import { WebhookStore } from './webhook.store.js';

/** Sends events to webhooks; for worker processes. */
@Module({ providers: [WebhookStore, WebhookSender] })
export class WebhooksModule {}
