import type { Command } from 'commander';

/** Words that people try, with the commands that they mean. */
const otherWords: Record<string, Record<string, string>> = {
  docent: {
    upload: 'docent ingest',
    add: 'docent ingest',
    put: 'docent ingest',
    load: 'docent ingest',
    push: 'docent ingest',
    documents: 'docent list',
    document: 'docent list',
    docs: 'docent list',
    files: 'docent list',
    show: 'docent list',
    delete: 'docent rm',
    remove: 'docent rm',
    del: 'docent rm',
    query: 'docent ask',
    question: 'docent ask',
    chat: 'docent ask -i',
    find: 'docent search',
    grep: 'docent search',
    start: 'docent serve',
    run: 'docent serve',
    server: 'docent serve',
    up: 'docent serve',
    init: 'docent serve',
    health: 'docent status',
    info: 'docent status',
    stats: 'docent status',
    version: 'docent --version',
    config: 'docent doctor',
    settings: 'docent doctor',
    diagnose: 'docent doctor',
    jobs: 'docent tasks',
    queue: 'docent tasks',
    cancel: 'docent tasks cancel',
    retry: 'docent tasks retry',
    collections: 'docent sets',
    collection: 'docent sets',
    keys: 'docent key',
    token: 'docent key create',
    login: 'docent --token, or DOCENT_TOKEN',
    usage: 'docent quota',
    limits: 'docent quota',
    backup: 'docent export',
    dump: 'docent export',
    restore: 'docent import',
    summary: 'docent summarize',
    summarise: 'docent summarize',
    reindex: 'docent reparse',
    crawl: 'docent source add',
    sources: 'docent source',
    evaluate: 'docent eval',
    upgrade: 'docent migrate',
  },
  key: {
    add: 'docent key create',
    new: 'docent key create',
    rm: 'docent key revoke',
    delete: 'docent key revoke',
  },
  tasks: {
    show: 'docent status',
    get: 'docent status',
    rm: 'docent tasks cancel',
    stop: 'docent tasks cancel',
  },
  sets: {
    delete: 'docent sets rm',
    remove: 'docent sets rm',
    add: 'docent ingest --set',
    create: 'docent ingest --set',
  },
  source: {
    create: 'docent source add',
    new: 'docent source add',
    delete: 'docent source rm',
    sync: 'docent source run',
  },
  models: { add: 'docent models pull', download: 'docent models pull', remove: 'docent models rm' },
};

/** Makes `command` answer a word that people try with the command that they mean. */
function answerOtherWords(command: Command): void {
  const known = new Set(command.commands.flatMap((child) => [child.name(), ...child.aliases()]));
  for (const [word, meant] of Object.entries(otherWords[command.name()] ?? {})) {
    if (known.has(word)) throw new Error(`${word} is a command of ${command.name()}`);
    command
      .command(word, { hidden: true })
      .argument('[words...]')
      .allowUnknownOption()
      .helpOption(false)
      .action(() =>
        command.error(`error: unknown command '${word}'\n(Did you mean ${meant}?)`, {
          code: 'commander.unknownCommand',
        }),
      );
  }
}

/** `docent key create` */
const fullName = (command: Command): string =>
  command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();

/** A group without a word lists; a word that it does not know must not be an argument of that list. */
function refuseUnknownWords(group: Command, list: Command): void {
  const names = group.commands.map((child) => child.name()).filter((name) => name !== 'help');
  list.allowExcessArguments().hook('preAction', (_, { args: [word] }) => {
    if (word !== undefined)
      group.error(`error: unknown command '${word}'\n(${fullName(group)} has: ${names.join(', ')})`, {
        code: 'commander.unknownCommand',
      });
  });
}

/** A wrong word or argument is answered with what was meant, and with the help to call. */
export function explainMistakes(command: Command): void {
  command.showHelpAfterError(`(${fullName(command)} --help shows how)`);
  const below = [...command.commands];
  const list = below.find((child) => child.name() === 'list');
  if (command.parent && list) refuseUnknownWords(command, list);
  answerOtherWords(command);
  for (const child of below) explainMistakes(child);
}
