#!/usr/bin/env node
// Asks the registry for known vulnerabilities of production packages: npm run audit
// Ends with 1 for one that is high or critical. A registry that does not answer such questions is said so,
// loudly, and fails nothing; the versions known to be bad
// stay out by test/flow/dependencies.spec.ts all the same.
import { spawnSync } from 'node:child_process';

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  timeout: 60_000,
});

function readReport(text) {
  try {
    const report = JSON.parse(text);
    return report.metadata?.vulnerabilities ? report : undefined;
  } catch {
    return undefined;
  }
}

const report = readReport(stdout ?? '');
if (!report) {
  console.warn(
    'SKIPPED: the registry does not answer npm audit. Nothing was checked; ask again where it does.',
  );
  process.exit(0);
}
const { high, critical, total } = report.metadata.vulnerabilities;
for (const [name, { severity, range, via }] of Object.entries(report.vulnerabilities ?? {})) {
  const titles = via.filter((cause) => typeof cause === 'object').map(({ title, url }) => `${title} ${url}`);
  console.log(`${severity} ${name} ${range} ${titles.join('; ')}`);
}
console.log(`${total} known weaknesses, ${high} high, ${critical} critical`);
process.exit(high + critical > 0 ? 1 : 0);
