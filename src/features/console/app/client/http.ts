import { Docent as Client, DocentError, type Call } from '@docent/client';

export type Credential = () => Promise<string | null>;

/** The published client, with what a page adds to it: a refused credential leads back to the sign-in. */
export class Http {
  readonly client: Client;

  constructor(
    credential: Credential,
    private readonly onUnauthenticated: () => void,
  ) {
    this.client = new Client({ url: location.origin, token: credential });
  }

  /**
   * Only reads are repeated: somebody who pressed a button
   * is told at once what went wrong. @throws DocentError
   */
  request(method: string, path: string, call: Call = {}): Promise<Response> {
    return this.watch(this.client.request(method, path, { ...makeRetries(method), ...call }));
  }

  /** @throws DocentError */
  json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    return this.watch(this.client.json<T>(method, path, { ...makeRetries(method), ...call }));
  }

  /** Asks for a new sign-in when the work ends because the credential is refused. */
  async watch<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof DocentError && error.status === 401) this.onUnauthenticated();
      throw error;
    }
  }
}

const makeRetries = (method: string): Call => (method === 'GET' ? {} : { retry: 0 });
