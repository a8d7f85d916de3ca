import { storedCell } from '../state/stored.js';
import { german } from './de.js';
import { english, type Texts } from './en.js';

export const catalogues: Record<'en' | 'de', Texts> = { en: english, de: german };
export type Language = keyof typeof catalogues;

export const language = storedCell<Language>(
  'docent.language',
  navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en',
);

/** The texts of the chosen language. The whole page is rendered again when that changes. */
export const t = (): Texts => catalogues[language.get()] ?? english;
