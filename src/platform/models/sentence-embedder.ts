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
    const session = await OnnxSession.open(folder.weights, folder.padding, threads);
    return new SentenceEmbedder(folder, prefixes, new TextEncoder(folder.directory), session);
  }

  async embed(texts: string[], role: TextRole): Promise<Float32Array[]> {
    const prefix = role === 'query' ? this.prefixes.queryPrefix : this.prefixes.passagePrefix;
    const rows = texts.map((text) => this.encoder.encode(prefix + text, this.folder.maxTokens));
    const { outputs, width } = await this.session.run(rows);
    if ('sentence_embedding' in outputs)
      return slices(readNumbers(outputs, ['sentence_embedding']), rows.length);
    const states = readNumbers(outputs, ['last_hidden_state', 'token_embeddings']);
    const dimensions = states.length / (rows.length * width);
    return rows.map((ids, row) => {
      const from = row * width * dimensions;
      return pooled(states.subarray(from, from + ids.length * dimensions), dimensions, this.folder.pooling);
    });
  }
}

const slices = (values: Float32Array, count: number): Float32Array[] => {
  const size = values.length / count;
  return Array.from({ length: count }, (_unused, at) => normalized(values.slice(at * size, (at + 1) * size)));
};

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
