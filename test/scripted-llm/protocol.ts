/** The routes that the scripted server serves. */
export type RequestKind = 'chat' | 'embeddings' | 'rerank' | 'models';

export interface ChatTurn {
  role: string;
  content: string | null | { type: string; text?: string; image_url?: { url: string } }[];
  tool_calls?: { id: string; type: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

/** The union of the fields of all requests, as they came over the wire. */
export interface RequestBody {
  model?: string;
  messages?: ChatTurn[];
  tools?: { type: string; function: { name: string; description?: string; parameters?: unknown } }[];
  stream?: boolean;
  max_tokens?: number;
  max_completion_tokens?: number;
  temperature?: number;
  response_format?: { type: string };
  input?: string | string[];
  dimensions?: number;
  encoding_format?: string;
  query?: string;
  documents?: string[];
  top_n?: number;
  [field: string]: unknown;
}

/** One request as the server saw it. */
export interface SeenRequest {
  kind: RequestKind;
  body: RequestBody;
  headers: Record<string, string | string[] | undefined>;
  /** Milliseconds of the monotonic clock at which it arrived whole. */
  at: number;
  /** True when the client went away before the answer was complete. */
  aborted: boolean;
  /** True when the server has finished its answer. */
  answered: boolean;
}

/** Text of the last user turn, images left out. */
export function lastPrompt(body: RequestBody): string {
  const turn = body.messages?.findLast((message) => message.role === 'user');
  return turn ? readText(turn) : '';
}

/** Text of one turn, images left out. */
export function readText(turn: ChatTurn): string {
  if (typeof turn.content === 'string') return turn.content;
  return (turn.content ?? []).map((part) => part.text ?? '').join('\n');
}

/** How many images a chat request carries. */
export const imagesIn = (body: RequestBody): number =>
  (body.messages ?? [])
    .flatMap((turn) => (Array.isArray(turn.content) ? turn.content : []))
    .filter((part) => part.type === 'image_url').length;
