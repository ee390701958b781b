-- Blocks and releases that somebody has to drive: what is to be done next says the stream of the vehicle, this says
-- when. A process takes a job for a while (`leased_until`, under a `lease` of its own); of one that died the time runs
-- out. `version` counts how often a job was put: whoever gives one back that was put meanwhile gives it back as due.
-- What is `urgent`, a release, goes before everything else.
create table immobilization_jobs (
  tenant text collate "C" not null,
  job text collate "C" not null,
  due_at timestamptz not null default clock_timestamp(),
  urgent boolean not null default false,
  version bigint not null default 1,
  lease uuid,
  leased_until timestamptz,
  primary key (tenant, job)
);
create index immobilization_jobs_due on immobilization_jobs (due_at);
