-- A park has features of each calendar month besides those of each local day. Everything is looked through from the
-- beginning: that finds the months of parks that are there already.
delete from platform_feature_marks;
