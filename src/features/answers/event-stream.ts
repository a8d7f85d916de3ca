import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

export interface ServerSentEvent {
  event: string;
  data: unknown;
}

export const wantsEvents = (accept: string | undefined): boolean =>
  /\btext\/event-stream\b/iu.test(accept ?? '');

async function* framed(events: AsyncIterable<ServerSentEvent>): AsyncGenerator<string> {
  for await (const { event, data } of events) yield `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Sends events as they come; each is pulled only when the client has taken the one before. */
export const eventStream = (reply: FastifyReply, events: AsyncIterable<ServerSentEvent>): StreamableFile =>
  textStream(reply, framed(events));

/** The same for frames that are already text. */
export function textStream(reply: FastifyReply, frames: AsyncIterable<string>): StreamableFile {
  void reply.header('cache-control', 'private, no-store').header('x-accel-buffering', 'no');
  return new StreamableFile(Readable.from(frames, { objectMode: false, highWaterMark: 1 }), {
    type: 'text/event-stream; charset=utf-8',
  });
}
