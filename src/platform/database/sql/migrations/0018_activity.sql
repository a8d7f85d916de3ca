-- What a tenant's figures were, minute by minute: questions and tokens are counted, documents and queues are sampled.
create table docent.activity (
  tenant text not null,
  minute timestamptz not null,
  questions integer not null default 0,
  answered integer not null default 0,
  cached integer not null default 0,
  tokens bigint not null default 0,
  -- questions by the time their answer took: see latency-histogram.ts for the bounds
  latency integer[] not null default '{}',
  -- null in a minute without a sample
  documents integer,
  waiting integer,
  oldest_seconds real,
  primary key (tenant, minute)
);
alter table docent.activity enable row level security;
create index activity_age on docent.activity (minute);
