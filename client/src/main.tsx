import './protocol.ts';
import './styles/base.css';
import './styles/controls.css';
import { lazy, StrictMode, Suspense } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { createRoot } from 'react-dom/client';
import { BrowserRouter, Navigate, Route, Routes } from 'react-router';
import { ErrorBoundary } from './components/error-boundary.tsx';
import { Loading, Page } from './components/page.tsx';
import { loadMessages, startLanguage } from './i18n/language.ts';
import { useLocalization } from './i18n/language-switch.tsx';
import { t } from './i18n/t.ts';
import { NotFoundPage } from './pages/not-found.tsx';

/** Of a page behind the sign-in, or with a recording on it: the page, and the messages that only such pages show. */
const withMessages =
  <Module,>(load: () => Promise<Module>) =>
  async (): Promise<Module> => {
    const [page] = await Promise.all([load(), loadMessages('members')]);
    return page;
  };

// A page is loaded when it is opened: a guest who joins does not fetch the dashboard.
const JoinPage = lazy(() => import('./pages/join.tsx'));
const SignInLinkPage = lazy(withMessages(() => import('./pages/sign-in-link.tsx')));
const SignedIn = lazy(withMessages(() => import('./pages/signed-in.tsx')));
const DashboardPage = lazy(withMessages(() => import('./pages/dashboard.tsx')));
const SessionPage = lazy(withMessages(() => import('./pages/session.tsx')));
const HostStudioPage = lazy(withMessages(() => import('./pages/host-studio.tsx')));
const AccountPage = lazy(withMessages(() => import('./pages/account.tsx')));
const OrganizationPage = lazy(withMessages(() => import('./pages/organization.tsx')));
const IntegrationsPage = lazy(withMessages(() => import('./pages/integrations.tsx')));
const WebhookPage = lazy(withMessages(() => import('./pages/webhook.tsx')));
const BillingPage = lazy(withMessages(() => import('./pages/billing.tsx')));
const AuditPage = lazy(withMessages(() => import('./pages/audit.tsx')));
const MemberInvitationPage = lazy(withMessages(() => import('./pages/member-invitation.tsx')));
const KeysPage = lazy(withMessages(() => import('./pages/keys.tsx')));
const DeletionsPage = lazy(withMessages(() => import('./pages/deletions.tsx')));
const SharedPage = lazy(withMessages(() => import('./pages/shared.tsx')));
const NoticesPage = lazy(withMessages(() => import('./pages/notices.tsx')));
const OrganizationExportPage = lazy(withMessages(() => import('./pages/organization-export.tsx')));
const RecordingPage = lazy(withMessages(() => import('./pages/recording.tsx')));

const Opening = () => (
  <Page title="" isNarrow>
    <Loading what={t('the page')} />
  </Page>
);

function App() {
  const { locale } = useLocalization();
  return (
    <I18nProvider locale={locale}>
      <ErrorBoundary>
        <BrowserRouter>
          <Suspense fallback={<Opening />}>
            <Routes>
              <Route path="/join" element={<JoinPage />} />
              <Route path="/sign-in" element={<SignInLinkPage />}>
                <Route index element={<Navigate to="/" replace />} />
              </Route>
              <Route path="/invitation" element={<MemberInvitationPage />} />
              <Route path="/shared" element={<SharedPage />} />
              <Route element={<SignedIn />}>
                <Route path="/" element={<DashboardPage />} />
                <Route path="/sessions/:sessionId" element={<SessionPage />} />
                <Route path="/sessions/:sessionId/studio" element={<HostStudioPage />} />
                <Route path="/account" element={<AccountPage />} />
                <Route path="/organization" element={<OrganizationPage />} />
                <Route path="/organization/api" element={<IntegrationsPage />} />
                <Route path="/organization/webhooks/:webhookId" element={<WebhookPage />} />
                <Route path="/organization/billing" element={<BillingPage />} />
                <Route path="/organization/audit" element={<AuditPage />} />
                <Route path="/organization/keys" element={<KeysPage />} />
                <Route path="/organization/deletions" element={<DeletionsPage />} />
                <Route path="/notices" element={<NoticesPage />} />
                <Route path="/organization/export" element={<OrganizationExportPage />} />
                <Route path="/recordings/:recordingId" element={<RecordingPage />} />
              </Route>
              <Route path="*" element={<NotFoundPage />} />
            </Routes>
          </Suspense>
        </BrowserRouter>
      </ErrorBoundary>
    </I18nProvider>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
const show = () =>
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
// Where the words of the other language do not arrive, the page is English, and works.
startLanguage().then(show, show);
