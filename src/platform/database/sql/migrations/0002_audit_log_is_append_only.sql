-- What stands in the audit log stays as it is, whoever asks: entries go by their age alone, in docent.purge_audit.
-- The function is the trigger's and stays here with it; the library of functions is dropped and made again, which a trigger would hinder.

create index audit_log_age on docent.audit_log (at);

create function docent.keep_audit_log() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('docent.audit_retention', true) = 'on' then return old; end if;
  raise exception 'the audit log is append-only';
end
$$;

create trigger audit_log_rows_stay before update or delete on docent.audit_log for each row execute function docent.keep_audit_log();
create trigger audit_log_stays before truncate on docent.audit_log for each statement execute function docent.keep_audit_log();
