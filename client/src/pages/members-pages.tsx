import { lazy, Suspense } from 'react';
import { BrowserRouter, Link, Navigate, Route, Routes } from 'react-router';
import { LinkContext } from '../components/link.tsx';
import { Opening } from '../components/page.tsx';
import { loadMessages } from '../i18n/language.ts';
import { NotFoundPage } from './not-found.tsx';

/** Of a page behind the sign-in, or with a recording on it: the page, and the messages that only such pages show. */
const withMessages =
  <Module,>(load: () => Promise<Module>) =>
  async (): Promise<Module> => {
    const [page] = await Promise.all([load(), loadMessages('members')]);
    return page;
  };

// A page is loaded when it is opened.
const SignInLinkPage = lazy(withMessages(() => import('./sign-in-link.tsx')));
const SignedIn = lazy(withMessages(() => import('./signed-in.tsx')));
const DashboardPage = lazy(withMessages(() => import('./dashboard.tsx')));
const SessionPage = lazy(withMessages(() => import('./session.tsx')));
const HostStudioPage = lazy(withMessages(() => import('./host-studio.tsx')));
const AccountPage = lazy(withMessages(() => import('./account.tsx')));
const OrganizationPage = lazy(withMessages(() => import('./organization.tsx')));
const IntegrationsPage = lazy(withMessages(() => import('./integrations.tsx')));
const WebhookPage = lazy(withMessages(() => import('./webhook.tsx')));
const BillingPage = lazy(withMessages(() => import('./billing.tsx')));
const AuditPage = lazy(withMessages(() => import('./audit.tsx')));
const MemberInvitationPage = lazy(withMessages(() => import('./member-invitation.tsx')));
const KeysPage = lazy(withMessages(() => import('./keys.tsx')));
const DeletionsPage = lazy(withMessages(() => import('./deletions.tsx')));
const SharedPage = lazy(withMessages(() => import('./shared.tsx')));
const NoticesPage = lazy(withMessages(() => import('./notices.tsx')));
const OrganizationExportPage = lazy(withMessages(() => import('./organization-export.tsx')));
const RecordingPage = lazy(withMessages(() => import('./recording.tsx')));

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
