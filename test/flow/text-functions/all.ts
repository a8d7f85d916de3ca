import { answerFunctions } from './answers.js';
import { commonFunctions } from './common.js';
import { outsideFunctions } from './outside.js';
import { parsingFunctions } from './parsing.js';
import { searchFunctions } from './search.js';
import { texFunctions } from './tex.js';
import type { TextFunctions } from './work.js';

/** Every function that is measured, by its file under src. */
export const textFunctions: TextFunctions = {
  ...commonFunctions,
  ...answerFunctions,
  ...searchFunctions,
  ...parsingFunctions,
  ...texFunctions,
  ...outsideFunctions,
};
