-- Files that are taken into the ledger row by row. `file` is JSON of the cells that rows are made of: others are not
-- kept, and after some days it is null: the file is known by its id for good. Jobs name files by their id alone.
create table import_files (
  tenant   text collate "C" not null check (tenant ~ '^[a-z0-9]{1,32}$'),
  id       uuid not null,
  kind     text collate "C" not null,
  dry_run  boolean not null,
  taken_at timestamptz not null,
  rows     integer not null check (rows >= 0),
  file     text check (octet_length(file) <= 67108864),
  primary key (tenant, id)
);
create index import_files_by_time on import_files (tenant, taken_at desc);

-- What became of the rows of a file from one on. Tried again, the last word holds.
create table import_parts (
  tenant   text collate "C" not null,
  id       uuid not null,
  from_row integer not null,
  rows     integer not null,
  taken    integer not null,
  known    integer not null,
  wrong    integer not null,
  faults   jsonb not null,
  primary key (tenant, id, from_row),
  foreign key (tenant, id) references import_files on delete cascade
);
