-- Which clip a conclusion rests on is said by its event alone: nobody ever asked detection's memory for it.
alter table detection_conclusions drop column evidence;
