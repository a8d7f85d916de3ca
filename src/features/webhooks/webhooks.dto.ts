import { z } from 'zod';
import { PageQuery } from '../../common/cursor.js';
import { DocumentSetName } from '../../common/document-set.js';
import { orDefault } from '../../common/or-default.js';
import { readQuery } from '../../common/read-query.js';

const webhookEvents = ['document.ready', 'document.failed', 'document.deleted', 'task.ended'] as const;
const Events = z.array(z.enum(webhookEvents)).min(1).max(webhookEvents.length);

export const CreateWebhookRequest = z
  .strictObject({
    url: z.url().max(2000).meta({
      description: 'Where the events go: http or https, a public address unless the operator allows others',
      example: 'https://example.org/hooks/docent',
    }),
    events: orDefault(Events, [...webhookEvents]).meta({ description: 'By default all of them' }),
    document_sets: z.array(DocumentSetName).min(1).max(100).nullish().meta({
      description: 'Only what concerns these sets; nothing for all',
    }),
    description: z.string().trim().max(200).nullish(),
  })
  .meta({
    example: {
      url: 'https://example.org/hooks/docent',
      events: ['document.ready', 'document.failed'],
      document_sets: null,
      description: 'The intranet',
    },
  });
export type CreateWebhookRequest = z.infer<typeof CreateWebhookRequest>;

export const ListWebhooksQuery = readQuery(PageQuery);
export type ListWebhooksQuery = z.infer<typeof ListWebhooksQuery>;
export const ListDeliveriesQuery = readQuery({
  ...PageQuery,
  status: z.enum(['pending', 'delivered', 'failed']).optional(),
});
export type ListDeliveriesQuery = z.infer<typeof ListDeliveriesQuery>;

const webhookFields = {
  id: z.uuid(),
  url: z.string(),
  events: Events,
  document_sets: z.array(z.string()).nullable(),
  description: z.string().nullable(),
  disabled: z
    .string()
    .nullable()
    .meta({ description: 'Why nothing is sent any more; null while something is' }),
  created_at: z.iso.datetime(),
};
export const CreatedWebhook = z.object({
  ...webhookFields,
  secret: z.string().nullable().meta({
    description: 'Key of the signatures, `whsec_` and base64: shown this once',
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  }),
});
export const WebhooksResponse = z.object({
  webhooks: z.array(z.object(webhookFields)),
  next_cursor: z.string().nullable(),
});
export const WebhookDeleted = z.object({ status: z.literal('success'), id: z.uuid() });

export const DeliveriesResponse = z.object({
  deliveries: z.array(
    z.object({
      id: z.uuid().meta({ description: 'The header `webhook-id`, the same for every attempt' }),
      event: z.string(),
      status: z.enum(['pending', 'delivered', 'failed']),
      attempts: z.int(),
      response_status: z.int().nullable(),
      error: z.string().nullable(),
      body: z.record(z.string(), z.unknown()),
      created_at: z.iso.datetime(),
      next_attempt_at: z.iso.datetime().nullable(),
      delivered_at: z.iso.datetime().nullable(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

export const RedeliverRequest = z
  .strictObject({
    delivery_id: z.uuid().nullish().meta({ description: 'One delivery; nothing for all that failed' }),
  })
  .nullish()
  .meta({ example: {} });
export type RedeliverRequest = z.infer<typeof RedeliverRequest>;
export const Redelivered = z.object({ redelivered: z.int() });
