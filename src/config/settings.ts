import { accessSettings } from './access-settings.js';
import { modelSettings } from './model-settings.js';
import { observingSettings } from './observing-settings.js';
import { processingSettings } from './processing-settings.js';
import { serviceSettings } from './service-settings.js';
import { storageSettings } from './storage-settings.js';

/**
 * Every setting: name, type, default, one sentence. `docs/configuration.md` and the table in the README are
 * generated from it.
 */
export const settings = {
  ...serviceSettings,
  ...accessSettings,
  ...storageSettings,
  ...modelSettings,
  ...processingSettings,
  ...observingSettings,
} as const;
