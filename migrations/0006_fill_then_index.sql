-- A table that is being filled is read by nobody: its indexes are made when it is full, which takes a fraction of what
-- keeping them up to date with every row would. What a verification fills is thrown away afterwards: it has no look-up
-- columns and no indexes, and is not logged.
create or replace function create_read_model(p_name text, p_version int, p_state text, p_columns jsonb, p_indexes jsonb)
  returns int language plpgsql as $$
declare
  next_generation int;
  table_of_it text;
begin
  perform pg_advisory_xact_lock(hashtext('read_models'), hashtext(p_name));
  select coalesce(max(generation), 0) + 1 into next_generation from read_models where name = p_name;
  table_of_it := format('%s_v%s_g%s', p_name, p_version, next_generation);
  insert into read_models (name, version, generation, table_name, state)
  values (p_name, p_version, next_generation, table_of_it, p_state);
  insert into read_model_checkpoints (name, generation) values (p_name, next_generation);
  if p_state = 'scratch' then
    perform create_read_model_table(table_of_it, '[]', '[]');
    execute format('alter table %I set unlogged', table_of_it);
    return next_generation;
  end if;
  perform create_read_model_table(table_of_it, p_columns, '[]');
  if p_state = 'live' then
    perform index_read_model(p_name, next_generation, p_indexes);
    perform show_read_model(p_name, table_of_it);
  end if;
  return next_generation;
end
$$;

-- Makes the indexes of a generation that it has not got yet. p_indexes: [[column, …]]; each is led by the tenant and
-- closed by the key, so that it also serves pages.
create function index_read_model(p_name text, p_generation int, p_indexes jsonb) returns void language plpgsql as $$
declare
  table_of_it text;
  i record;
begin
  select table_name into strict table_of_it from read_models where name = p_name and generation = p_generation;
  for i in
    select index.ord, (select string_agg(format('%I', m.name), ', ' order by m.ord)
                         from jsonb_array_elements_text(index.members) with ordinality as m(name, ord)
                        where m.name not in ('tenant', 'key')) as members
      from jsonb_array_elements(p_indexes) with ordinality as index(members, ord)
  loop
    execute format('create index if not exists %I on %I (tenant, %s, key)',
                   format('%s_by%s', table_of_it, i.ord), table_of_it, i.members);
  end loop;
end
$$;
