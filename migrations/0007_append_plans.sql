-- Left to itself Postgres plans the statements in here anew for every group, since it takes a plan for the very arrays
-- at hand for the cheaper one: planning then takes longer than all else. The right plan is the same for every group.
alter function append_events(text[], int[], bigint[], int[], int[], uuid[], text[], text)
  set plan_cache_mode = force_generic_plan;
