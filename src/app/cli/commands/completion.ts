import { Argument, type Command } from 'commander';

interface Entry {
  /** Words after `docent`, e.g. `models verify`; empty for the program itself. */
  path: string;
  /** Subcommands and options with their descriptions. */
  words: { word: string; description: string }[];
}

/** Every command with what may follow it. */
function listEntries(command: Command, path = ''): Entry[] {
  const below = command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== 'help');
  const words = [
    ...below.map((child) => ({ word: child.name(), description: child.description() })),
    ...command.options.map((option) => ({
      word: option.long ?? option.flags,
      description: option.description,
    })),
    { word: '--help', description: 'show how' },
  ];
  return [
    { path, words },
    ...below.flatMap((child) => listEntries(child, path === '' ? child.name() : `${path} ${child.name()}`)),
  ];
}

/** Inside single quotes of every shell here; a description is one line. */
const quoted = (text: string): string => `'${text.replaceAll(/\s+/g, ' ').replaceAll("'", '’')}'`;
const joinWords = ({ words }: Entry): string => words.map(({ word }) => word).join(' ');

/**
 * Sets `at` to the longest known command among the words
 * before the cursor; `path` would be zsh's search path.
 */
const findPath = (entries: Entry[], words: string): string[] => [
  '  local at="" word',
  `  for word in ${words}; do`,
  '    case "${at:+$at }$word" in',
  `      ${entries
    .filter(({ path }) => path !== '')
    .map(({ path }) => quoted(path))
    .join('|')}) at="\${at:+$at }$word" ;;`,
  '    esac',
  '  done',
];

const bash = (entries: Entry[]): string =>
  [
    '_docent() {',
    ...findPath(entries, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"'),
    '  local words=""',
    '  case "$at" in',
    ...entries.map((entry) => `    ${quoted(entry.path)}) words=${quoted(joinWords(entry))} ;;`),
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _docent docent',
  ].join('\n');

const zsh = (entries: Entry[]): string =>
  [
    '#compdef docent',
    '_docent() {',
    ...findPath(entries, '"${(@)words[2,CURRENT-1]}"'),
    '  local -a entries',
    '  case "$at" in',
    ...entries.map(({ path, words }) => {
      const told = words.map(({ word, description }) => quoted(`${word}:${description}`)).join(' ');
      return `    ${quoted(path)}) entries=(${told}) ;;`;
    }),
    '  esac',
    "  _describe 'docent' entries || _files",
    '}',
    // loaded from a folder of functions, the file is the body of the first call
    'if [ "$funcstack[1]" = "_docent" ]; then _docent "$@"; else compdef _docent docent; fi',
  ].join('\n');

const fish = (entries: Entry[]): string =>
  entries
    .flatMap(({ path, words }) => {
      const inside = path === '' ? '__fish_use_subcommand' : seenInFish(path);
      return words.map(({ word, description }) => {
        const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
        return `complete -c docent -n '${inside}' ${what} -d ${quoted(description)}`;
      });
    })
    .join('\n');

const seenInFish = (path: string): string =>
  path
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ');

const shells = { bash, zsh, fish };
type Shell = keyof typeof shells;

/** `docent completion`: made from the commands as they are, so that it forgets none. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(shells)))
    .addHelpText(
      'after',
      `
Examples:
  $ docent completion bash > ~/.local/share/bash-completion/completions/docent
  $ docent completion zsh > ~/.zfunc/_docent             with ~/.zfunc in fpath
  $ docent completion fish > ~/.config/fish/completions/docent.fish`,
    )
    .action((shell: Shell) => void process.stdout.write(`${shells[shell](listEntries(program))}\n`));
}
