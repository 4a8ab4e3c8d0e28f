import { type Capability, scopeStatement, type Tenant, type TestDatabase } from '@cratersync/db/testing';

/** Tables that belong to no organization: reviewed one by one, and reached through `unscoped` only. */
export const tenantless = [
  'accounts',
  'audit_tombstones',
  'dead_letters',
  'devices',
  'email_changes',
  'gone_links',
  'job_names',
  'migrations',
  'notice_mailings',
  'notices',
  'own_exports',
  'passkey_challenges',
  'passkeys',
  'plan_rounds',
  'sign_in_codes',
  'sign_in_links',
  'stripe_events',
  'unreachable_addresses',
  'web_sessions',
];

/** What a tenant has of each kind of secret that opens something by itself: a new kind is under test as soon as it is named. */
export const capabilities: Record<Capability['kind'], (tenant: Tenant) => Buffer> = {
  invitation: ({ tokenHash }) => tokenHash,
  'member-invitation': ({ memberTokenHash }) => memberTokenHash,
  credential: ({ credentialHash }) => credentialHash,
  'api-token': ({ apiTokenHash }) => apiTokenHash,
  share: ({ shareHash }) => shareHash,
};
export const capabilityKinds = Object.keys(capabilities) as Capability['kind'][];

/** Every setting that makes a scope. */
export const scopeSettings = [...scopeStatement({}).matchAll(/'(app\.\w+)'/g)].map(([, name]) => `${name}`);

export const commands = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;
export type Command = (typeof commands)[number];
export const roles = ['cratersync_app', 'cratersync_worker'] as const;
export type Role = (typeof roles)[number];

export async function column(test: TestDatabase, sql: string, values: unknown[] = []): Promise<string[]> {
  const { rows } = await test.owner.query({ text: sql, values, rowMode: 'array' });
  return rows.map(row => String(row[0]));
}

/** Every table of ours that is not listed above: a new one is under test as soon as it is migrated. */
export const tenantTables = (test: TestDatabase): Promise<string[]> =>
  column(
    test,
    `SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p')
       AND relname <> ALL ($1) ORDER BY 1`,
    [tenantless],
  );

/** What is wrong with the walls around one table; nothing, for a table that is well protected. */
export async function holesIn(test: TestDatabase, table: string): Promise<string[]> {
  const {
    rows: [state],
  } = await test.owner.query(
    `SELECT c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
       coalesce(organization.attnotnull, false) AS owned,
       EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*' AND p.polpermissive
         AND pg_get_expr(p.polqual, c.oid) = '(organization_id = app.scope_organization())'
         AND pg_get_expr(p.polwithcheck, c.oid) = '(organization_id = app.scope_organization())') AS walled,
       ARRAY(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname <> 'in_organization'
         AND p.polcmd <> 'r' AND p.polpermissive) AS writing,
       ARRAY(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid AND 0 = ANY (p.polroles)) AS public,
       ARRAY(SELECT k.conname::text FROM pg_constraint k
         JOIN pg_class target ON target.oid = k.confrelid
         WHERE k.conrelid = c.oid AND k.contype = 'f' AND target.relname <> ALL ($2)
           AND organization.attnum <> ALL (k.conkey)
         UNION ALL
         SELECT i.indexrelid::regclass::text FROM pg_index i
         WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion)
           AND organization.attnum <> ALL (i.indkey::int2[])) AS keys
     FROM pg_class c
     LEFT JOIN pg_attribute organization ON organization.attrelid = c.oid AND organization.attname = 'organization_id'
     WHERE c.oid = ('app.' || quote_ident($1))::regclass`,
    [table, tenantless],
  );
  return [
    state.owned ? [] : 'has no organization_id NOT NULL',
    state.enabled ? [] : 'has no row-level security',
    state.forced ? [] : 'does not force row-level security on its owner',
    state.walled ? [] : 'has no policy for its organization, reading and writing',
    state.writing.map((name: string) => `may be written through the policy ${name}`),
    state.public.map((name: string) => `is open to every role through the policy ${name}`),
    state.keys.map((name: string) => `has a key without its organization: ${name}`),
  ].flat();
}
