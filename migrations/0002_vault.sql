-- Personal data, sealed. An entry belongs to the event that names its digest and is written before that event. `sealed`
-- is AES-256-GCM, under the data key `key_id`, of 32 random bytes of salt and the entry's canonical JSON; `digest` is
-- SHA-256 of the same. The keys lie in the key store, outside the database: without its key an entry is noise, and
-- its digest is one of 32 random bytes that nobody knows.
create table vault_entries (
  tenant      text collate "C" not null,
  event_id    uuid not null,
  entry_index int not null check (entry_index between 0 and 63),
  subject     text collate "C" not null,
  class       text collate "C" not null check (class in ('identity', 'contact', 'document', 'vehicle_identity')),
  key_id      uuid not null,
  sealed      bytea not null,
  digest      text collate "C" not null check (digest ~ '^[0-9a-f]{64}$'),
  put_at      timestamptz not null,
  -- Of entries put at the same instant the newer one has the higher number.
  number      bigint not null generated always as identity,
  -- When the entry was last put, the first time or again; from then on it may wait a day for its event.
  touched_at  timestamptz not null,
  -- That the log has the event. False: not looked yet.
  logged      boolean not null default false,
  primary key (tenant, event_id, entry_index)
);
-- Serves reading (newest entry of a class under a key) and erasing (newest entry of each class).
create index vault_entries_of_subject on vault_entries (tenant, subject, class, put_at desc, number desc);
create index vault_entries_unlogged on vault_entries (touched_at) where not logged;

-- Erasures that were asked for and that a retention period holds back.
create table scheduled_erasures (
  tenant  text collate "C" not null,
  subject text collate "C" not null,
  class   text collate "C" not null,
  until   timestamptz not null,
  primary key (tenant, subject, class)
);
create index scheduled_erasures_due on scheduled_erasures (until);

-- The one key store that the entries were sealed with: another one must not be taken for everybody's erasure.
create table vault_key_store (
  only_row boolean primary key default true check (only_row),
  store    uuid not null
);

-- Who read whose personal data, when, and what for. No personal data itself: actors and subjects are random ids.
create table access_records (
  number     bigint primary key generated always as identity,
  tenant     text collate "C" not null,
  actor      uuid not null,
  role       text collate "C" not null check (role ~ '^[a-z_]{1,32}$'),
  subject    uuid not null,
  classes    text[] not null,
  purpose    text collate "C" not null check (purpose ~ '^[a-z][a-z0-9_]{0,47}$'),
  request_id text collate "C" not null check (request_id ~ '^[A-Za-z0-9_-]{1,64}$'),
  read_at    timestamptz not null
);
create index access_records_of_subject on access_records (tenant, subject, number desc);

create function refuse_change_of_access() returns trigger language plpgsql as $$
begin
  raise exception 'records of access are append-only' using errcode = 'integrity_constraint_violation';
end
$$;
create trigger access_records_are_immutable before update or delete or truncate on access_records
  for each statement execute function refuse_change_of_access();

-- Random stand-ins for whoever logs in. `subject_hash` is a keyed hash of issuer and subject; the key is not here.
create table actor_surrogates (
  subject_hash text collate "C" primary key check (subject_hash ~ '^[0-9a-f]{64}$'),
  actor        uuid not null unique
);
