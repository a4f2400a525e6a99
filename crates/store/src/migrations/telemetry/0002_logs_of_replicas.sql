-- Which process stored a log line, and in which transaction, so that the other replicas can stream what is new to
-- them (PostgreSQL). Lines that were there before have no origin.
ALTER TABLE log ADD COLUMN origin {int};
ALTER TABLE log ADD COLUMN commit_xid {xid};
CREATE INDEX log_commit ON log (commit_xid) WHERE origin IS NOT NULL;
