import type { Command } from 'commander';
import { Registry } from 'prom-client';
import { Metrics } from '../platform/metrics/metrics.js';
import { watchResources } from '../platform/metrics/resource-metrics.js';
import { buildProgram } from './cli/main.js';

const helpWidth = 110;

/** `docs/cli.md`: the help of every command. */
export function commandLinePage(): string {
  const program = buildProgram();
  const sections = commandsBelow(program).map(
    ([name, command]) => `## ${name}\n\n\`\`\`text\n${renderHelp(command)}\n\`\`\`\n`,
  );
  return `# Command line\n\nGenerated from \`src/app/cli\` by \`npm run generate\`. In a clone, \`npm run docent -- …\` runs the command; \`docent <command> --help\` shows the same text.\n\n\`\`\`text\n${renderHelp(program)}\n\`\`\`\n\n${sections.join('\n')}`;
}

function commandsBelow(parent: Command, path = parent.name()): [string, Command][] {
  const visible = parent
    .createHelp()
    .visibleCommands(parent)
    .filter((command) => command.name() !== 'help');
  return visible.flatMap((command): [string, Command][] => {
    const name = `${path} ${command.name()}`;
    return [[name, command], ...commandsBelow(command, name)];
  });
}

function renderHelp(command: Command): string {
  let text = '';
  command.configureHelp({ ...command.configureHelp(), helpWidth }).configureOutput({
    writeOut: (part) => (text += part),
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trim();
}

/** `docs/metrics.md`: every metric of docent itself; those of the Node process come from prom-client. */
export async function metricsPage(): Promise<string> {
  const { registry } = new Metrics();
  watchResources(registry, '.');
  const metrics = await Registry.merge([registry]).getMetricsAsJSON();
  const lines = metrics
    .map(({ name, type, help }) => `| \`${name}\` | ${type} | ${help.replaceAll('|', '\\|')} |`)
    .toSorted();
  return `# Metrics\n\nGenerated from \`src/platform/metrics\` by \`npm run generate\`. \`GET /metrics\` has these in the format of Prometheus, beside the metrics of the Node process; other machines need \`METRICS_TOKEN\`. Rules and a dashboard are in \`docker/prometheus\` and \`docker/grafana\`, and [alerts](operations/alerts.md) explains each alert.\n\n| Metric | Type | Meaning |\n| --- | --- | --- |\n${lines.join('\n')}\n`;
}
