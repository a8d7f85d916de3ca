import { InferenceSession, Tensor } from 'onnxruntime-node';

/** A loaded model. Runs may overlap, each on `threads` threads. */
export class OnnxSession {
  private constructor(
    private readonly session: InferenceSession,
    private readonly padding: number,
  ) {}

  static async open(weights: string, padding: number, threads: number): Promise<OnnxSession> {
    const session = await InferenceSession.create(weights, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // Memory that one long text has needed goes back to the system.
      enableCpuMemArena: false,
      enableMemPattern: false,
    });
    return new OnnxSession(session, padding);
  }

  /**
   * Runs texts of any lengths as one batch. @returns the outputs
   * by name, and the tokens of each row with its padding
   */
  async run(rows: number[][]): Promise<{ outputs: InferenceSession.OnnxValueMapType; width: number }> {
    const width = Math.max(...rows.map((ids) => ids.length));
    const size = rows.length * width;
    const ids = new BigInt64Array(size).fill(BigInt(this.padding));
    const mask = new BigInt64Array(size);
    for (const [row, tokens] of rows.entries()) {
      for (const [column, token] of tokens.entries()) ids[row * width + column] = BigInt(token);
      mask.fill(1n, row * width, row * width + tokens.length);
    }
    const dims = [rows.length, width];
    const feeds: Record<string, Tensor> = {
      input_ids: new Tensor('int64', ids, dims),
      attention_mask: new Tensor('int64', mask, dims),
    };
    if (this.session.inputNames.includes('token_type_ids'))
      feeds['token_type_ids'] = new Tensor('int64', new BigInt64Array(size), dims);
    return { outputs: await this.session.run(feeds), width };
  }
}

/** The numbers of an output. @throws Error if the model has no such output */
export function readNumbers(outputs: InferenceSession.OnnxValueMapType, names: string[]): Float32Array {
  const name = names.find((one) => one in outputs);
  const value = name === undefined ? undefined : outputs[name];
  if (!(value instanceof Tensor) || !(value.data instanceof Float32Array))
    throw new Error(`the model has no output ${names.join(' or ')}`);
  return value.data;
}
