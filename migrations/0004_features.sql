-- Features: values reckoned from the read model `intervals`, per subject (`park:<id>`, `driver:<id>`) and window of
-- local dates, from `window_from` up to and without `window_to`. They can be reckoned anew from the log at any time.
-- History is kept: a late fact that changes a window adds a row with a later `as_of`, the position in the log up to
-- which everything was known. A value that was asked for as of position p is that of the last row with as_of <= p.
create table platform_features (
  tenant          text collate "C" not null,
  name            text collate "C" not null,
  subject         text collate "C" not null,
  window_from     date not null,
  window_to       date not null check (window_to > window_from),
  value           text,                            -- exact decimal; null: there is none, such as a share of nothing
  unit            text not null,
  formula_version int not null check (formula_version >= 1),
  inputs          jsonb not null,                  -- how many of what went in
  incomplete      boolean not null,                -- events of some interval wait behind one that cannot be folded
  as_of           bigint not null,
  evaluated_at    timestamptz not null,            -- the instant of true time at which the intervals were asked
  closed          boolean not null,                -- whether that was the last instant of the window
  computed_at     timestamptz not null,
  primary key (tenant, name, subject, window_from, window_to, as_of)
);

-- Up to which position changes of intervals have been looked through for windows that they bear on, and, while that
-- goes on, how far it has got. `sound_position` is the last one at which nothing was parked: what waits may come in
-- behind `position` later.
create table platform_feature_marks (
  tenant          text collate "C" primary key,
  position        bigint not null,
  cursor_position bigint not null,
  sound_position  bigint not null,
  incomplete      boolean not null
);

-- Every subject that has features, and the first window that has not been evaluated after its end. Windows of a park
-- are days, those of a driver calendar months. `due_at` is when that window ends; `formulas` are the versions of the
-- formulas that the windows before it were evaluated with.
create table platform_feature_progress (
  tenant       text collate "C" not null,
  subject      text collate "C" not null,
  zone         text not null,
  first_window date not null,
  next_window  date not null,
  due_at       timestamptz not null,
  formulas     text not null,
  current_at   timestamptz,                        -- when the window under way was last evaluated
  primary key (tenant, subject)
);
create index platform_feature_progress_due on platform_feature_progress (tenant, due_at);

-- Windows to be evaluated once more, because a fact that bears on them came after they had been.
create table platform_feature_stale (
  tenant      text collate "C" not null,
  subject     text collate "C" not null,
  window_from date not null,
  primary key (tenant, subject, window_from)
);
create index platform_feature_stale_newest on platform_feature_stale (tenant, window_from desc);
