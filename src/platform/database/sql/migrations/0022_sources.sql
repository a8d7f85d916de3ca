-- Places that documents are taken from again and again, and what was taken from each.
create table docent.sources (
  id uuid primary key,
  tenant text not null,
  -- who made it; its runs are tasks of this subject
  subject text not null,
  driver text not null,
  -- with the secrets that the driver needs to get in
  settings jsonb not null,
  document_set text not null,
  -- null for a source that runs when it is told to
  every_seconds integer,
  next_run_at timestamptz,
  -- where the driver goes on; null for one that lists everything each time
  checkpoint text,
  -- of the last run
  counts jsonb,
  last_error jsonb,
  last_run_at timestamptz,
  created_at timestamptz not null default clock_timestamp()
);
create index sources_listing on docent.sources (tenant, created_at desc, id desc);
create index sources_due on docent.sources (next_run_at) where next_run_at is not null;
alter table docent.sources enable row level security;

create table docent.source_items (
  source_id uuid not null references docent.sources on delete cascade,
  key text not null,
  -- as the source tells it; null where it tells none
  version text,
  document_id uuid not null,
  primary key (source_id, key)
);
alter table docent.source_items enable row level security;
