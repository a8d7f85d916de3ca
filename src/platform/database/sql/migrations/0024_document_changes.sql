-- Every process keeps an index of words in memory and has to learn which documents changed since it last looked. A change is known by the
-- transaction that made it: ids are taken in one order and committed in another.
alter table docent.lexicon_deltas add column document_id uuid, add column xid xid8 not null default pg_current_xact_id();

-- Changes whose delta is folded already.
create table docent.document_changes (
  id bigint primary key,
  tenant text not null,
  document_set text not null,
  document_id uuid not null,
  xid xid8 not null
);
create index document_changes_scope on docent.document_changes (tenant, document_set, xid);
alter table docent.document_changes enable row level security;

-- The newest transaction whose changes were deleted from document_changes: an index that knows no later one is built anew.
create table docent.forgotten_changes (
  only_row boolean primary key default true check (only_row),
  xid xid8 not null
);
insert into docent.forgotten_changes (xid) values (pg_current_xact_id());
alter table docent.forgotten_changes enable row level security;
