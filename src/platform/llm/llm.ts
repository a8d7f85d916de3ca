import { ContextOverflow } from '../upstream/failures.js';

type ChatRole = 'system' | 'user' | 'assistant' | 'tool';

interface ChatImage {
  mediaType: 'image/png' | 'image/jpeg' | 'image/webp';
  /** Bytes of the image. */
  data: Uint8Array;
}

export interface ToolCall {
  id: string;
  name: string;
  /** JSON as the model wrote it: may be invalid. */
  arguments: string;
}

export interface ChatMessage {
  role: ChatRole;
  content: string;
  images?: ChatImage[];
  /** On an assistant's turn: the tools it called. */
  toolCalls?: ToolCall[];
  /** On a tool's turn: the call it answers. */
  toolCallId?: string;
}

export interface ChatTool {
  name: string;
  description: string;
  /** JSON schema of the arguments. */
  parameters: Record<string, unknown>;
}

export interface ChatRequest {
  messages: ChatMessage[];
  tools?: ChatTool[];
  /** Ask for one JSON object. */
  json?: boolean;
  maxTokens?: number;
  temperature?: number;
  /** Use the vision model. */
  vision?: boolean;
  /** Maximum seconds for the whole call, if less than LLM_TIMEOUT_SECONDS. */
  timeoutSeconds?: number;
  signal?: AbortSignal;
}

export interface ChatTokens {
  prompt: number;
  completion: number;
}

export interface ChatReply {
  content: string;
  toolCalls: ToolCall[];
  /** True when the answer was cut at the token limit. */
  truncated: boolean;
  tokens: ChatTokens;
}

/**
 * A chat model. Every call is bounded in time and tokens,
 * retried where that is safe, and stops with `signal`.
 */
export abstract class ChatModel {
  /** Null without a chat model (driver `offline`); then answers are extractive and `complete` throws. */
  abstract readonly model: string | null;
  /** Null without a vision model. */
  abstract readonly visionModel: string | null;
  /**
   * @throws upstream_unavailable, upstream_rate_limited, upstream_timeout,
   * upstream_invalid, upstream_rejected, vision_unavailable
   */
  abstract complete(request: ChatRequest): Promise<ChatReply>;
  /** Pieces of text as they come; ends with the reply's figures as the return value. Errors as `complete`. */
  abstract stream(request: ChatRequest): AsyncGenerator<string, ChatReply, void>;
  abstract ping(): Promise<void>;
  abstract close(): Promise<void>;
}

/** True when a call failed because the prompt is too long for the model: with fewer sources it may pass. */
export const isContextOverflow = (error: unknown): boolean => error instanceof ContextOverflow;
