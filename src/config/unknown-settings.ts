import { editDistance } from '../common/text/spelling.js';
import { formerSettings } from './former-settings.js';
import { settings } from './settings.js';

/** The command line reads these itself. */
const clientNames = new Set(['DOCENT_URL', 'DOCENT_TOKEN']);
const looksLikeOurs =
  /^(ALLOWED_|AUDIT_|CELERY_|DOCENT_|EMBEDDING_|JWT_|LLM_|MODELS_|OCR_|OIDC_|PARSER_|QUOTA_|RATE_LIMIT_|READER_|RERANK_|TASK_|UVICORN_|WEBSOCKET_|WORKER_)/;
/** Other programs have such names, too: they are reported only where a setting has similar words. */
const mayBeOurs = /^(ANSWER_|ARCHIVE_|CACHE_|MAX_|SEARCH_|SOURCE_|WEBHOOK_)/;
const maxDistance = 2;
/** A shorter name is a typing error only where one letter is wrong. */
const minLongName = 7;
/** Share of the words of two names that they must have in common. */
const minSharedWords = 0.5;

const names = Object.keys(settings);

/** The setting whose name differs by a letter or two; undefined if there is none. */
function findTypingError(name: string): string | undefined {
  const most = name.length < minLongName ? 1 : maxDistance;
  return names.find((known) => known[0] === name[0] && editDistance(known, name, most) <= most);
}

const findWithoutPrefix = (name: string): string | undefined =>
  name.startsWith('DOCENT_') ? findTypingError(name.slice('DOCENT_'.length)) : undefined;

/** The setting with the most words in common; undefined if none has half of them. */
function findSimilarWords(name: string): string | undefined {
  const words = new Set(name.split('_'));
  const shared = (known: string): number => {
    const others = new Set(known.split('_'));
    return [...words].filter((word) => others.has(word)).length / new Set([...words, ...others]).size;
  };
  const [best] = names.toSorted((left, right) => shared(right) - shared(left));
  return best !== undefined && shared(best) >= minSharedWords ? best : undefined;
}

/**
 * Names in the environment that were most likely meant as settings but are none, and the setting that may
 * have been meant. Boot warns about each.
 */
export function unknownSettings(
  source: NodeJS.ProcessEnv = process.env,
): { name: string; meant: string | undefined }[] {
  const former = new Set(formerSettings.map(({ name }) => name));
  return Object.keys(source)
    .filter(
      (name) => !clientNames.has(name) && !former.has(name) && !(name.replace(/_FILE$/, '') in settings),
    )
    .map((name) => {
      const known = findTypingError(name) ?? findWithoutPrefix(name);
      const seemsOurs = looksLikeOurs.test(name) || mayBeOurs.test(name);
      return { name, meant: known ?? (seemsOurs ? findSimilarWords(name) : undefined) };
    })
    .filter(({ name, meant }) => meant !== undefined || looksLikeOurs.test(name));
}
