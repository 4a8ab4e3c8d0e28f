import { api } from '../api.ts';
import { t } from '../i18n/t.ts';
import { ExplainedPage } from './explained-page.tsx';
import { type ExportSource, Exports } from './exports.tsx';

const source: ExportSource = {
  list: api.exports,
  order: (what, lock) => api.orderExport({ what, ...lock }),
  cancel: api.cancelExport,
  hasRecordings: true,
};

/** All of an organization, as one encrypted file; for its owners. */
export default function OrganizationExportPage() {
  return (
    <ExplainedPage
      title={t('Export')}
      about={t(
        'Everything of this organization in one encrypted file: members, sessions, recordings, markers and the audit log. It lies ready for 7 days; “npx cratersync export open” checks and opens it without a server, and so do the programs age and tar.',
      )}
    >
      <Exports source={source} />
    </ExplainedPage>
  );
}
