-- Tables live in a schema that PostgREST does not expose; the functions in docent_api are the only way in.
create schema if not exists docent;
create schema if not exists docent_api;

create extension if not exists vector;
create extension if not exists pg_trgm;

create table docent.documents (
  id uuid primary key,
  tenant text not null,
  document_set text not null,
  filename text not null,
  -- the newest version, whatever became of it
  version integer not null,
  -- the version that answers searches; null until one was published
  ready_version integer,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (tenant, document_set, filename)
);
create index documents_listing on docent.documents (tenant, created_at desc, id desc);
create index documents_set_listing on docent.documents (tenant, document_set, created_at desc, id desc);
create index documents_metadata on docent.documents using gin (metadata jsonb_path_ops);
create index documents_filename on docent.documents using gin (filename gin_trgm_ops);

create table docent.document_versions (
  document_id uuid not null references docent.documents on delete cascade,
  version integer not null,
  tenant text not null,
  status text not null check (status in ('queued', 'processing', 'ready', 'failed', 'superseded')),
  task_id uuid,
  blob_key text not null,
  -- the parse result, written before the first chunk is staged
  parsed_key text,
  content_hash text not null,
  bytes bigint not null,
  format text not null,
  media_type text not null,
  pipeline text not null check (pipeline in ('standard', 'vlm')),
  title text,
  language text,
  pages integer,
  chunk_count integer,
  warnings jsonb not null default '[]',
  error jsonb,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (document_id, version)
);
create index document_versions_status on docent.document_versions (tenant, status);
create index document_versions_blob on docent.document_versions (blob_key);
create index document_versions_parsed on docent.document_versions (parsed_key);

create table docent.chunks (
  id uuid primary key,
  tenant text not null,
  document_set text not null,
  document_id uuid not null references docent.documents on delete cascade,
  version integer not null,
  ordinal integer not null,
  content text not null,
  heading text,
  page integer,
  page_end integer,
  start_offset integer not null,
  end_offset integer not null,
  -- sha-256 of exactly what is embedded, heading prefix included
  input_hash text not null,
  created_at timestamptz not null default clock_timestamp(),
  unique (document_id, version, ordinal)
);

-- the keyword leg, kept narrow so that a scan reads little
create table docent.chunk_lex (
  chunk_id uuid primary key references docent.chunks on delete cascade,
  tenant text not null,
  document_set text not null,
  document_id uuid not null,
  version integer not null,
  -- analysed terms of the chunk
  length integer not null,
  -- of the content in lower case: copies of one passage are folded before they fill the ranking
  fingerprint bigint not null,
  fts tsvector not null,
  lex sparsevec(1000000000) not null
);
create index chunk_lex_fts on docent.chunk_lex using gin (fts);
create index chunk_lex_scope on docent.chunk_lex (tenant, document_set);
create index chunk_lex_document on docent.chunk_lex (document_id, version);

-- by set, so that a search within one set weighs its words by that set alone
create table docent.lexicon (
  tenant text not null,
  document_set text not null,
  term text not null,
  df integer not null,
  primary key (tenant, term, document_set)
);
create index lexicon_trigram on docent.lexicon using gin (term gin_trgm_ops);

-- publish and delete append here, the sweep folds: writers never queue for common words
create table docent.lexicon_deltas (
  id bigint generated always as identity primary key,
  tenant text not null,
  document_set text not null,
  language text not null,
  chunks integer not null,
  length bigint not null,
  -- entries of terms, so that a fold can bound its work without reading them
  size integer not null,
  terms jsonb not null
);
create index lexicon_deltas_scope on docent.lexicon_deltas (tenant, document_set);

-- sums of a document set, by language ('' when unknown); a row outlives its set, so that the revision never goes back
create table docent.corpora (
  tenant text not null,
  document_set text not null,
  language text not null,
  chunks bigint not null default 0,
  length bigint not null default 0,
  -- deltas folded so far; those still waiting count on top, so every publish and delete moves the answer cache's key without a lock
  revision bigint not null default 0,
  primary key (tenant, document_set, language)
);

create table docent.embedding_spaces (
  id integer generated always as identity primary key,
  provider text not null,
  model text not null,
  dimensions integer not null,
  state text not null check (state in ('building', 'active', 'retired')),
  created_at timestamptz not null default clock_timestamp(),
  activated_at timestamptz,
  unique (provider, model, dimensions)
);
create unique index embedding_spaces_one_active on docent.embedding_spaces (state) where state = 'active';

create table docent.tasks (
  id uuid primary key,
  tenant text not null,
  subject text not null,
  type text not null,
  queue text not null,
  payload jsonb not null default '{}',
  dedupe_key text,
  status text not null default 'queued' check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  stage text,
  progress real not null default 0,
  priority integer not null default 0,
  attempts integer not null default 0,
  max_attempts integer not null default 3,
  -- leases that ran out: the worker died or froze, which says nothing about the document
  losses integer not null default 0,
  token bigint not null default 0,
  owner text,
  lease_until timestamptz,
  run_after timestamptz not null default clock_timestamp(),
  cancel_requested boolean not null default false,
  waiting_on text,
  stages jsonb not null default '{}',
  result jsonb,
  error jsonb,
  parent_id uuid,
  waits_for uuid,
  document_id uuid,
  filename text,
  document_set text,
  -- the sets that the work reads from or touches; null is all of them
  document_sets text[],
  request_id text,
  trace_context text,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz
);
create index tasks_due on docent.tasks (queue, priority desc, run_after) where status = 'queued';
create index tasks_leases on docent.tasks (lease_until) where status = 'running';
create index tasks_listing on docent.tasks (tenant, created_at desc, id desc);
create index tasks_status_listing on docent.tasks (tenant, status, created_at desc, id desc);
create index tasks_batches on docent.tasks (created_at) where type = 'batch';
create index tasks_ended on docent.tasks (finished_at) where status in ('succeeded', 'cancelled');
create index tasks_parent on docent.tasks (parent_id) where parent_id is not null;
create index tasks_waits on docent.tasks (waits_for) where waits_for is not null;
create index tasks_document on docent.tasks (document_id) where document_id is not null;
create unique index tasks_dedupe on docent.tasks (tenant, type, dedupe_key) where dedupe_key is not null and status in ('queued', 'running');
create sequence docent.fencing_token;

create table docent.summaries (
  id uuid primary key,
  tenant text not null,
  document_id uuid not null references docent.documents on delete cascade,
  version integer not null,
  document_set text not null,
  filename text not null,
  summary_text text not null,
  model text not null,
  created_at timestamptz not null default clock_timestamp(),
  unique (document_id, version, model)
);
create index summaries_listing on docent.summaries (tenant, created_at desc, id desc);

-- finished parts of long work (summary parts, vision pages), so that a resumed run does not repeat them
create table docent.checkpoints (
  task_id uuid not null references docent.tasks on delete cascade,
  key text not null,
  value jsonb not null,
  primary key (task_id, key)
);

-- a blob is announced here before its first byte; the sweep removes those that no document claimed
create table docent.blob_intents (
  blob_key text primary key,
  tenant text not null,
  expires_at timestamptz not null
);
create index blob_intents_expiry on docent.blob_intents (expires_at);

-- blobs whose rows are gone; removed from the store by the sweep, then from here
create table docent.blob_garbage (
  blob_key text primary key,
  at timestamptz not null default clock_timestamp()
);

create table docent.api_keys (
  id uuid primary key,
  tenant text not null,
  subject text not null,
  name text not null,
  hash text not null unique,
  scopes text[] not null,
  document_sets text[],
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default clock_timestamp()
);
create index api_keys_listing on docent.api_keys (tenant, created_at desc, id desc);

create table docent.suspended_subjects (
  tenant text not null,
  subject text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (tenant, subject)
);

create table docent.idempotency_keys (
  tenant text not null,
  subject text not null,
  key text not null,
  request_hash text,
  state text not null check (state in ('running', 'done')),
  status integer,
  body jsonb,
  expires_at timestamptz not null,
  primary key (tenant, subject, key)
);
create index idempotency_keys_expiry on docent.idempotency_keys (expires_at);

create table docent.audit_log (
  id uuid primary key,
  tenant text not null,
  subject text not null,
  action text not null,
  target text,
  detail jsonb not null default '{}',
  request_id text,
  at timestamptz not null default clock_timestamp()
);
create index audit_log_listing on docent.audit_log (tenant, at desc, id desc);

create table docent.token_usage (
  tenant text not null,
  day date not null,
  tokens bigint not null default 0,
  primary key (tenant, day)
);

-- nobody but the owner gets past this: there are no policies
do $$
declare r record;
begin
  for r in select tablename from pg_tables where schemaname = 'docent' loop
    execute format('alter table docent.%I enable row level security', r.tablename);
  end loop;
end $$;
