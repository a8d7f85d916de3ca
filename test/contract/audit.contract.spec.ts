import { describe, expect, it } from '@jest/globals';
import { eachDatabase } from '../database-drivers.js';

const day = 86_400;

eachDatabase((opened) => {
  describe('the audit log', () => {
    const append = (tenant: string, target: string) =>
      opened().database.call('append_audit', {
        tenant,
        subject: 'ann',
        action: 'key.create',
        target,
        detail: {},
        request_id: 'r-1',
      });
    const targets = async (tenant: string) =>
      new Set(
        (await opened().database.call('list_audit', { tenant, limit: 100 })).map(({ target }) => target),
      );
    const sweep = (audit_seconds: number | null) =>
      opened().database.call('sweep', {
        max_losses: 3,
        retention_seconds: 3600,
        audit_seconds,
        garbage_limit: 0,
        ring_limit: 0,
      });

    it('can only be appended to', async () => {
      const { sql } = opened();
      await append('kept', 'one');
      for (const attempt of [
        `update docent.audit_log set subject = 'bob' where tenant = 'kept'`,
        `delete from docent.audit_log where tenant = 'kept'`,
        'truncate docent.audit_log',
      ])
        await expect(sql(attempt, [])).rejects.toThrow('the audit log is append-only');
      expect(await opened().database.call('list_audit', { tenant: 'kept', limit: 10 })).toMatchObject([
        { subject: 'ann', action: 'key.create', target: 'one', request_id: 'r-1' },
      ]);
    });

    it('deletes entries only in the sweep and only by age, and none where the log is kept for ever', async () => {
      const { sql } = opened();
      await append('aged', 'young');
      await sql(
        `insert into docent.audit_log (id, tenant, subject, action, target, at)
         values (gen_random_uuid(), 'aged', 'ann', 'key.create', 'old', now() - interval '31 days')`,
        [],
      );
      expect((await sweep(null)).purged.audit_entries).toBe(0);
      expect(await targets('aged')).toEqual(new Set(['old', 'young']));
      expect((await sweep(30 * day)).purged.audit_entries).toBe(1);
      expect(await targets('aged')).toEqual(new Set(['young']));
      await expect(sql(`delete from docent.audit_log where tenant = 'aged'`, [])).rejects.toThrow(
        'append-only',
      );
    });
  });
});
