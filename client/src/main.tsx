import './protocol.ts';
import './styles/base.css';
import './styles/controls.css';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter, Route, Routes } from 'react-router';
import { ErrorBoundary } from './components/error-boundary.tsx';
import { Loading, Page } from './components/page.tsx';
import { NotFoundPage } from './pages/not-found.tsx';

// A page is loaded when it is opened: a guest who joins does not fetch the dashboard.
const JoinPage = lazy(() => import('./pages/join.tsx'));
const SignInLinkPage = lazy(() => import('./pages/sign-in-link.tsx'));
const SignedIn = lazy(() => import('./pages/signed-in.tsx'));
const DashboardPage = lazy(() => import('./pages/dashboard.tsx'));
const SessionPage = lazy(() => import('./pages/session.tsx'));
const HostStudioPage = lazy(() => import('./pages/host-studio.tsx'));
const AccountPage = lazy(() => import('./pages/account.tsx'));
const OrganizationPage = lazy(() => import('./pages/organization.tsx'));
const IntegrationsPage = lazy(() => import('./pages/integrations.tsx'));
const WebhookPage = lazy(() => import('./pages/webhook.tsx'));
const AuditPage = lazy(() => import('./pages/audit.tsx'));
const MemberInvitationPage = lazy(() => import('./pages/member-invitation.tsx'));
const DeletionsPage = lazy(() => import('./pages/deletions.tsx'));
const RecordingPage = lazy(() => import('./pages/recording.tsx'));

const Opening = () => (
  <Page title="" isNarrow>
    <Loading what="the page" />
  </Page>
);

function App() {
  return (
    <ErrorBoundary>
      <BrowserRouter>
        <Suspense fallback={<Opening />}>
          <Routes>
            <Route path="/join" element={<JoinPage />} />
            <Route path="/sign-in" element={<SignInLinkPage />} />
            <Route path="/invitation" element={<MemberInvitationPage />} />
            <Route element={<SignedIn />}>
              <Route path="/" element={<DashboardPage />} />
              <Route path="/sessions/:sessionId" element={<SessionPage />} />
              <Route path="/sessions/:sessionId/studio" element={<HostStudioPage />} />
              <Route path="/account" element={<AccountPage />} />
              <Route path="/organization" element={<OrganizationPage />} />
              <Route path="/organization/api" element={<IntegrationsPage />} />
              <Route path="/organization/webhooks/:webhookId" element={<WebhookPage />} />
              <Route path="/organization/audit" element={<AuditPage />} />
              <Route path="/organization/deletions" element={<DeletionsPage />} />
              <Route path="/recordings/:recordingId" element={<RecordingPage />} />
            </Route>
            <Route path="*" element={<NotFoundPage />} />
          </Routes>
        </Suspense>
      </BrowserRouter>
    </ErrorBoundary>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
