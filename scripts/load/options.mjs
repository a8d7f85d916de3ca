import { parseArgs } from 'node:util';

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The options every load script has (`--url`, `--token`, `--allow-remote`, `--json`) and its own, `{ name: {
 * default, min, max, help } }`; a default that is a number makes a bounded
 * number. Ends the process with 2 and the usage when something is wrong.
 */
export function readOptions(title, own) {
  const common = {
    url: { default: process.env.DOCENT_URL ?? 'http://127.0.0.1:8000', help: 'the service (DOCENT_URL)' },
    token: {
      default: process.env.DOCENT_TOKEN ?? '',
      help: 'key or token for it (DOCENT_TOKEN)',
      secret: true,
    },
    'metrics-token': {
      default: process.env.METRICS_TOKEN ?? '',
      help: 'token of /metrics where the service is not on this machine (METRICS_TOKEN)',
      secret: true,
    },
    'allow-remote': {
      default: false,
      help: 'permit an address that is not of this machine: only a service of your own',
    },
    json: { default: false, help: 'print the result as one JSON object' },
    help: { default: false, help: 'show this' },
  };
  const all = { ...common, ...own };
  const usage = [
    title,
    '',
    ...Object.entries(all).map(
      ([name, { default: value, help, secret }]) =>
        `  --${name.padEnd(14)} ${help}${value === '' || value === false || secret ? '' : ` (${value})`}`,
    ),
  ];
  const refuse = (line) => {
    process.stderr.write(`${line}\n\n${usage.join('\n')}\n`);
    process.exit(2);
  };
  const types = Object.fromEntries(
    Object.entries(all).map(([name, { default: value }]) => [
      name,
      { type: typeof value === 'boolean' ? 'boolean' : 'string' },
    ]),
  );
  let values;
  try {
    ({ values } = parseArgs({ options: types }));
  } catch (error) {
    refuse(error.message);
  }
  if (values.help) {
    process.stdout.write(`${usage.join('\n')}\n`);
    process.exit(0);
  }
  const options = {};
  for (const [name, { default: value, min = 1, max = Infinity }] of Object.entries(all)) {
    options[name] = values[name] ?? value;
    if (typeof value !== 'number') continue;
    options[name] = Number(options[name]);
    if (!(options[name] >= min && options[name] <= max))
      refuse(`--${name} must be a number from ${min} to ${max}`);
  }
  if (!URL.canParse(options.url)) refuse('--url must be an address');
  if (!loopback.test(new URL(options.url).hostname) && !options['allow-remote'])
    refuse(`${options.url} is not on this machine: say --allow-remote if it is yours`);
  return options;
}
