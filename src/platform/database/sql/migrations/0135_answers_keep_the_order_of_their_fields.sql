-- The first answer to an idempotency key as it was sent: jsonb does not keep the order of fields.
alter table docent.idempotency_keys add column answer text;
