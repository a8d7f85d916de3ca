import type { Command } from 'commander';
import { quietFramework } from '../context.js';
import { exitCodes } from '../exit.js';
import { countThings, Output, printable } from '../output.js';

interface GlobalOptions {
  url?: string;
  token?: string;
  json?: boolean;
}

const marks = { ok: 'ok', warning: 'warning', failed: 'FAILED' } as const;

/** `docent doctor`: what keeps docent from working here, and what to do about it. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('find out why docent does not work here, and what to do')
    .addHelpText(
      'after',
      `
Looks at Node, settings, folders, database, Redis, blob store, models and their checksums, model servers, the port,
and the service that runs here or at --url. One line for each, with what to do where something is wrong. It boots
nothing and leaves nothing behind. Ends with 0 when nothing failed, with 1 when something did, with 78 when the
settings are wrong.

Examples:
  $ docent doctor
  $ docent doctor --json | jq '.findings[] | select(.state != "ok")'`,
    )
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const output = new Output(options.json ?? false);
      await quietFramework();
      const { examine } = await import('../doctor/doctor.js');
      const { findings, isMisset } = await examine(options);
      const failed = findings.filter(({ state }) => state === 'failed').length;
      const warnings = findings.filter(({ state }) => state === 'warning').length;
      output.result({ ok: failed === 0, failed, warnings, findings }, () => {
        const width = Math.max(...findings.map(({ check }) => check.length));
        for (const { check, state, message, todo } of findings)
          output.line(
            `${marks[state].padEnd(7)}  ${check.padEnd(width)}  ${printable(message)}${todo === null ? '' : ` – ${todo}`}`,
          );
        output.line();
        output.line(
          failed + warnings === 0
            ? 'Everything is in order.'
            : `${countThings(failed, 'failure')}, ${countThings(warnings, 'warning')}.`,
        );
      });
      process.exitCode = isMisset ? exitCodes.configuration : failed > 0 ? exitCodes.failed : exitCodes.ok;
    });
}
