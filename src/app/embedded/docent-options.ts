import type { HostPool } from '../../platform/database/host-pool.js';

type SettingValue = string | number | boolean | undefined;

/** How docent runs inside an application. */
export interface DocentModuleOptions {
  /**
   * Settings by their names in docs/configuration.md, e.g. `{ DATABASE_URL: '…', OPENAI_API_KEY: '…' }`. The
   * environment of the process is not read: pass what should count.
   */
  settings?: Record<string, SettingValue>;
  /**
   * The pool of the application, in place of one of docent's own. It
   * needs the right to create the schemas `docent` and `docent_api`.
   */
  pool?: HostPool;
  /**
   * Works on tasks in this process; true by default. With
   * false, workers run elsewhere, and REDIS_URL is needed.
   */
  worker?: boolean;
  /**
   * Answers the HTTP API below this path of the application, e.g. `/docent`. Nothing is served without it.
   * AUTH is `required` then, unless the settings say otherwise.
   */
  mountAt?: string;
}
