import { z } from 'zod';
import { DocumentSetFilter } from '../../common/document-set.js';
import { readQuery } from '../../common/read-query.js';
import { isEventId } from '../../platform/events/event-id.js';

const eventId = z.string().max(40).refine(isEventId, 'must be the id of an event');

/** The payload of `subscribe` and `unsubscribe`. */
export const SubscribeRequest = z.strictObject({
  task_id: z.uuid().toLowerCase().nullish(),
  document_set: DocumentSetFilter,
  since: eventId.nullish(),
});
export type SubscribeRequest = z.infer<typeof SubscribeRequest>;

export const EventsQuery = readQuery({
  task_id: z
    .uuid()
    .toLowerCase()
    .optional()
    .meta({ description: 'Only the events of this task, or of the tasks of this batch' }),
  document_set: DocumentSetFilter.meta({ description: 'Only the events of this set' }),
});
export type EventsQuery = z.infer<typeof EventsQuery>;

export const SocketsResponse = z
  .object({
    sockets: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(['socket', 'stream']),
        subject: z.string(),
        address: z.string(),
        process: z.string().meta({ description: 'Host and pid of the process that holds it' }),
        connected_at: z.iso.datetime(),
        last_seen: z.iso.datetime(),
        rooms: z.array(z.string()),
      }),
    ),
  })
  .meta({
    id: 'SocketsResponse',
    example: {
      sockets: [
        {
          id: 'Jx3mYb0kQe1TAAAB',
          kind: 'socket',
          subject: 'anna',
          address: '127.0.0.1',
          process: 'api-1:42',
          connected_at: '2026-03-02T09:00:00.000Z',
          last_seen: '2026-03-02T09:01:40.000Z',
          rooms: ['tenant:default'],
        },
      ],
    },
  });
export type SocketsResponse = z.infer<typeof SocketsResponse>;
