import type { ModelFolder, Pooling } from './model-folder.js';
import { readNumbers, OnnxSession } from './onnx-session.js';
import type { EmbedderFolder, TextRole } from './protocol.js';
import { TextEncoder } from './text-encoder.js';

/** Makes unit vectors of texts. */
export class SentenceEmbedder {
  private constructor(
    private readonly folder: ModelFolder,
    private readonly prefixes: EmbedderFolder,
    private readonly encoder: TextEncoder,
    private readonly session: OnnxSession,
  ) {}

  static async open(
    folder: ModelFolder,
    prefixes: EmbedderFolder,
    threads: number,
  ): Promise<SentenceEmbedder> {
    const session = await OnnxSession.open(folder.weights, threads);
    return new SentenceEmbedder(folder, prefixes, new TextEncoder(folder.directory), session);
  }

  async embed(texts: string[], role: TextRole): Promise<Float32Array[]> {
    const prefix = role === 'query' ? this.prefixes.queryPrefix : this.prefixes.passagePrefix;
    const vectors: Float32Array[] = [];
    for (const text of texts)
      vectors.push(await this.embedOne(this.encoder.encode(prefix + text, this.folder.maxTokens)));
    return vectors;
  }

  private async embedOne(tokens: number[]): Promise<Float32Array> {
    const outputs = await this.session.run(tokens);
    if ('sentence_embedding' in outputs) return normalized(readNumbers(outputs, ['sentence_embedding']));
    const states = readNumbers(outputs, ['last_hidden_state', 'token_embeddings']);
    return pooled(states, states.length / tokens.length, this.folder.pooling);
  }
}

/** Makes the vector of a text from the consecutive vectors of its tokens. */
function pooled(states: Float32Array, dimensions: number, pooling: Pooling): Float32Array {
  const vector = states.slice(0, dimensions);
  const tokens = pooling === 'cls' ? 1 : states.length / dimensions;
  for (let token = 1; token < tokens; token += 1) {
    for (let at = 0; at < dimensions; at += 1)
      vector[at] = (vector[at] ?? 0) + (states[token * dimensions + at] ?? 0);
  }
  return normalized(vector);
}

function normalized(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector) || 1;
  return vector.map((value) => value / norm);
}
