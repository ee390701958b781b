-- How far each reactor has acted on the log. Unlike a read model's checkpoint it is never put back.
create table reactor_marks (
  reactor    text primary key,
  position   bigint not null,
  marked_at  timestamptz not null default now()
);
