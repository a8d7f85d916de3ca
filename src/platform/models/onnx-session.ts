import { InferenceSession, Tensor } from 'onnxruntime-node';

/** A loaded model. Runs may overlap, each on `threads` threads. */
export class OnnxSession {
  private constructor(private readonly session: InferenceSession) {}

  static async open(weights: string, threads: number): Promise<OnnxSession> {
    const session = await InferenceSession.create(weights, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // Memory that one long text has needed goes back to the system.
      enableCpuMemArena: false,
      enableMemPattern: false,
    });
    return new OnnxSession(session);
  }

  /**
   * Runs one text. A batch would cost more, since its texts are padded and its tensors are large, and would
   * change the results: models with dynamic quantisation scale all texts of a run by the greatest value among
   * them, so that a vector would depend on its neighbours.
   * @returns the outputs by name
   */
  async run(tokens: number[]): Promise<InferenceSession.OnnxValueMapType> {
    const dims = [1, tokens.length];
    const feeds: Record<string, Tensor> = {
      input_ids: new Tensor('int64', BigInt64Array.from(tokens, BigInt), dims),
      attention_mask: new Tensor('int64', new BigInt64Array(tokens.length).fill(1n), dims),
    };
    if (this.session.inputNames.includes('token_type_ids'))
      feeds['token_type_ids'] = new Tensor('int64', new BigInt64Array(tokens.length), dims);
    return this.session.run(feeds);
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
