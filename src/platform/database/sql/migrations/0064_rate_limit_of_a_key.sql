-- Requests per window of one key, for load tests and bulk loads; null for RATE_LIMIT_MAX_REQUESTS.
alter table docent.api_keys add column rate_limit integer check (rate_limit > 0);
