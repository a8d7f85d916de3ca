import { describe, expect, it } from '@jest/globals';
import { exitCodes } from './exit.js';
import { reachRunning, reachService } from './service.js';

describe('reaching a service', () => {
  it('takes an empty address in the environment for none', async () => {
    // nothing listens on port 1
    expect(await reachRunning({}, { PORT: '1', DOCENT_URL: '', DOCENT_TOKEN: '' })).toBeUndefined();
  });

  it('ends at once where the database of the settings is away, and says what to do', async () => {
    // nothing listens on port 1
    const settings = { PORT: '1', DATABASE_URL: 'postgres://docent@127.0.0.1:1/docent' };
    await expect(reachService({}, settings)).rejects.toMatchObject({
      message: 'the database: cannot be reached (ECONNREFUSED). Start the server, or correct DATABASE_URL.',
      exitCode: exitCodes.unavailable,
    });
  });
});
