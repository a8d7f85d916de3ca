-- The history of one document is read without reading the whole log.
create index audit_log_detail on docent.audit_log using gin (detail jsonb_path_ops);
