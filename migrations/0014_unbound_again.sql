-- Of which version of its device's bindings a message that waits for one was last read again: the position in the log of
-- the last event that they follow from; -1: of none. What came in meanwhile, and whatever a new version may free, is
-- found by this alone, by any process and after any restart.
alter table telemetry_quarantine add column tried bigint not null default -1;
create index telemetry_quarantine_untried on telemetry_quarantine (tenant, ident, tried, id) where code = 'DeviceUnbound';
