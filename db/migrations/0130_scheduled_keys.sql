-- Where a key provider deletes an organization's key some days after it was told to (AWS KMS): when it does. Behind that nothing can
-- be kept any more.
ALTER TABLE app.organization_deletions ADD COLUMN key_deleted_after timestamptz;
GRANT UPDATE (key_deleted_after) ON app.organization_deletions TO cratersync_worker;

INSERT INTO app.job_names VALUES ('tend-organization-key', 'organization', true);
