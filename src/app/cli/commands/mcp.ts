import type { Command } from 'commander';
import { withService } from '../context.js';

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
        const tell = (error: Error): void => void process.stderr.write(`docent mcp: ${error.message}\n`);
        // a transport of the SDK has these properties and no listeners
        /* oxlint-disable unicorn/prefer-add-event-listener */
        near.onmessage = (message) => void far.send(message).catch(tell);
        far.onmessage = (message) => void near.send(message).catch(tell);
        near.onerror = tell;
        far.onerror = tell;
        /* oxlint-enable unicorn/prefer-add-event-listener */
        const ended = new Promise<void>((resolve) =>
          process.stdin.once('end', resolve).once('close', resolve),
        );
        await far.start();
        await near.start();
        await ended;
        await far.close();
        await near.close();
      }),
    );
}
