-- Work that only one process does at a time. A lease that its holder does not release expires.
create table docent.leases (
  name text primary key,
  holder uuid not null,
  expires_at timestamptz not null
);
alter table docent.leases enable row level security;
