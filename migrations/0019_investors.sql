-- Bank accounts of parties lie in the vault like all personal data, under a class and so a retention of their own.
alter table vault_entries drop constraint vault_entries_class_check;
alter table vault_entries add constraint vault_entries_class_check
  check (class in ('identity', 'contact', 'document', 'vehicle_identity', 'bank_account'));

-- What the digests in the `sealed` field of events were taken over: business secrets, such as who holds how many
-- shares. `entry` is canonical JSON, `digest` is SHA-256 of 32 random bytes of salt and then the entry. Rows are added
-- before the event that names them, and never changed; one that no event names was for an event that never came.
create table openings (
  tenant   text collate "C" not null check (tenant ~ '^[a-z0-9]{1,32}$'),
  digest   text collate "C" not null check (digest ~ '^[0-9a-f]{64}$'),
  event_id uuid not null,
  salt     bytea not null check (octet_length(salt) = 32),
  entry    text not null,
  -- The party that the entry speaks of, for finding what is theirs; null where it speaks of none.
  party    uuid generated always as (((entry::jsonb) ->> 'party')::uuid) stored,
  kept_at  timestamptz not null default now(),
  primary key (tenant, digest)
);
create index openings_of_event on openings (tenant, event_id);
create index openings_of_party on openings (tenant, party) where party is not null;
