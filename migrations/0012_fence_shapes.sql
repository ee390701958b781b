-- The shapes of fences, which are coordinates and so never enter an event: it names them by the digest of their
-- canonical JSON, under which they lie here. Rows are added and never changed.
create table fence_shapes (
  tenant text not null check (tenant ~ '^[a-z0-9]{1,32}$'),
  digest text collate "C" not null check (digest ~ '^[0-9a-f]{64}$'),
  shape text not null,
  kept_at timestamptz not null default now(),
  primary key (tenant, digest)
);
