-- Who a device is and how it proves it. An ident belongs to one tenant on the whole platform, which keeps
-- it until it is given up. A row without a hash has had its secret revoked.
create table device_access (
  ident text collate "C" primary key check (ident ~ '^[A-Za-z0-9._:@=-]{1,64}$'),
  tenant text not null check (tenant ~ '^[a-z0-9]{1,32}$'),
  -- Names the secret: another one has another id, and so has the end of one.
  secret_id uuid not null,
  salt bytea check (octet_length(salt) = 16),
  hash bytea check (octet_length(hash) = 32),
  -- The factor N of scrypt with which the hash was made.
  cost int check (cost > 0),
  -- Whether datagrams are taken, which prove nothing about who sends them.
  datagrams boolean not null,
  changed_by uuid not null,
  changed_at timestamptz not null,
  check (num_nulls(salt, hash, cost) in (0, 3))
);

create index device_access_by_tenant on device_access (tenant, ident);
