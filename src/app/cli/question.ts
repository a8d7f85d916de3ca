import { CliError, exitCodes } from './exit.js';

/** Far more than a question may have; the service refuses it with its own limit. */
const maxCharacters = 1_000_000;

/**
 * The words of a command line as one question; `-` stands for what is piped into the command.
 * @throws CliError when there is none
 */
export async function readQuestion(
  words: readonly string[],
  input: AsyncIterable<Buffer | string> = process.stdin,
): Promise<string> {
  const given = words.join(' ');
  const question = given === '-' ? await readAll(input) : given;
  if (question === '')
    throw new CliError('name a question, `-` to read it from a pipe, or use -i', exitCodes.usage);
  return question;
}

async function readAll(input: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const piece of input) {
    text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    if (text.length > maxCharacters) break;
  }
  return text.trim();
}
