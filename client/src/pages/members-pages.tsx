import { lazy, Suspense } from 'react';
import { BrowserRouter, Link, Navigate, Route, Routes } from 'react-router';
import { LinkContext } from '../components/link.tsx';
import { Opening } from '../components/page.tsx';
import { NotFoundPage } from './not-found.tsx';
import SignedIn from './signed-in.tsx';

// Each is loaded when it is opened; who is signed in, all but a few want to know at once.
const SignInLinkPage = lazy(() => import('./sign-in-link.tsx'));
const DashboardPage = lazy(() => import('./dashboard.tsx'));
const SessionPage = lazy(() => import('./session.tsx'));
const HostStudioPage = lazy(() => import('./host-studio.tsx'));
const AccountPage = lazy(() => import('./account.tsx'));
const OrganizationPage = lazy(() => import('./organization.tsx'));
const IntegrationsPage = lazy(() => import('./integrations.tsx'));
const WebhookPage = lazy(() => import('./webhook.tsx'));
const BillingPage = lazy(() => import('./billing.tsx'));
const AuditPage = lazy(() => import('./audit.tsx'));
const MemberInvitationPage = lazy(() => import('./member-invitation.tsx'));
const KeysPage = lazy(() => import('./keys.tsx'));
const DeletionsPage = lazy(() => import('./deletions.tsx'));
const SharedPage = lazy(() => import('./shared.tsx'));
const NoticesPage = lazy(() => import('./notices.tsx'));
const OrganizationExportPage = lazy(() => import('./organization-export.tsx'));
const RecordingPage = lazy(() => import('./recording.tsx'));

/** Every page but a guest's. */
export default function MembersPages() {
  return (
    <LinkContext value={Link}>
      <BrowserRouter>
        <Suspense fallback={<Opening />}>
          <Routes>
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
    </LinkContext>
  );
}
