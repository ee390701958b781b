-- A driver has features of each calendar month, and others of each local day. So how far the features of a subject have
-- got, and which of its windows are to be evaluated once more, is kept per length of window: `day` or `month`.
alter table platform_feature_progress add column cadence text collate "C" not null default 'month'
  check (cadence in ('day', 'month'));
update platform_feature_progress set cadence = 'day' where subject like 'park:%';
alter table platform_feature_progress alter column cadence drop default;
alter table platform_feature_progress drop constraint platform_feature_progress_pkey;
alter table platform_feature_progress add primary key (tenant, subject, cadence);

alter table platform_feature_stale add column cadence text collate "C" not null default 'month'
  check (cadence in ('day', 'month'));
update platform_feature_stale set cadence = 'day' where subject like 'park:%';
alter table platform_feature_stale alter column cadence drop default;
alter table platform_feature_stale drop constraint platform_feature_stale_pkey;
alter table platform_feature_stale add primary key (tenant, subject, cadence, window_from);

-- Everything is looked through from the beginning: that finds the days of drivers who are there already.
delete from platform_feature_marks;
