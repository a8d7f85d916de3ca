import { Problem } from '../../common/errors.js';
import { ChatModel, type ChatReply, type ChatRequest } from './llm.js';

const absent = (request: ChatRequest): Problem =>
  request.vision
    ? new Problem('vision_unavailable')
    : new Problem('upstream_rejected', 'No chat model is configured.');

/** No chat model: answers and summaries are extractive. Callers check `model` first. */
export class OfflineChatModel extends ChatModel {
  readonly model = null;
  readonly visionModel = null;

  async complete(request: ChatRequest): Promise<never> {
    throw absent(request);
  }
  // oxlint-disable-next-line require-yield -- there is nothing to yield
  async *stream(request: ChatRequest): AsyncGenerator<string, ChatReply, void> {
    throw absent(request);
  }
  async ping(): Promise<void> {}
  async close(): Promise<void> {}
}
