import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { Command } from 'commander';
import { withService } from '../context.js';

/** How long requests may still be answered after the client has closed stdin. */
const lastAnswersMs = 30_000;

/** The requests that the client waits for. */
class OpenRequests {
  private readonly ids = new Set<RequestId>();
  private wake: () => void = () => undefined;

  note(message: JSONRPCMessage): void {
    if ('method' in message && 'id' in message) this.ids.add(message.id);
    else this.giveUp(message);
  }

  giveUp(message: JSONRPCMessage): void {
    if ('id' in message && message.id !== undefined) this.ids.delete(message.id);
    if (this.ids.size === 0) this.wake();
  }

  async allAnswered(mostMs: number): Promise<void> {
    if (this.ids.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, mostMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/**
 * For programs that start their tool servers themselves and talk to them over stdin and stdout. Messages are
 * passed to the service unchanged.
 */
export function addMcp(program: Command): void {
  program
    .command('mcp')
    .description('offer the documents as tools to a program that speaks MCP over stdin and stdout')
    .addHelpText(
      'after',
      `
The tools are search, ask, list_documents, read_document and summarize. A program that can reach the service
over HTTP needs no bridge: it uses the address /mcp of the service, with a key as its bearer token.

Examples:
  $ docent mcp
  $ DOCENT_URL=https://docent.example.org DOCENT_TOKEN=… docent mcp

In the configuration of a client:
  { "mcpServers": { "docent": { "command": "docent", "args": ["mcp"] } } }`,
    )
    .action((_: object, command: Command) =>
      withService(command, async ({ client }) => {
        const [{ StdioServerTransport }, { StreamableHTTPClientTransport }] = await Promise.all([
          import('@modelcontextprotocol/sdk/server/stdio.js'),
          import('@modelcontextprotocol/sdk/client/streamableHttp.js'),
        ]);
        const near = new StdioServerTransport();
        const far = new StreamableHTTPClientTransport(new URL('/mcp', client.url), {
          requestInit: { headers: client.token ? { authorization: `Bearer ${client.token}` } : {} },
        });
        let isClosing = false;
        const tell = (error: Error): void => {
          if (!isClosing) process.stderr.write(`docent mcp: ${error.message}\n`);
        };
        // a transport of the SDK has these properties and no listeners
        /* oxlint-disable unicorn/prefer-add-event-listener */
        const open = new OpenRequests();
        near.onmessage = (message) => {
          open.note(message);
          void far.send(message).catch((error: Error) => {
            open.giveUp(message);
            tell(error);
          });
        };
        far.onmessage = (message) => {
          void near
            .send(message)
            .catch(tell)
            .finally(() => open.note(message));
        };
        near.onerror = tell;
        far.onerror = tell;
        /* oxlint-enable unicorn/prefer-add-event-listener */
        const ended = new Promise<void>((resolve) =>
          process.stdin.once('end', resolve).once('close', resolve),
        );
        await far.start();
        await near.start();
        await ended;
        await open.allAnswered(lastAnswersMs);
        isClosing = true;
        await far.close();
        await near.close();
      }),
    );
}
