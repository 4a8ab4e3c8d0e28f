import './protocol.ts';
import './styles/base.css';
import './styles/controls.css';
import { lazy, StrictMode, Suspense } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { createRoot } from 'react-dom/client';
import { ErrorBoundary } from './components/error-boundary.tsx';
import { Opening } from './components/page.tsx';
import { loadMessages, startLanguage } from './i18n/language.ts';
import { useLocalization } from './i18n/language-switch.tsx';

const loadMembersPages = async () => {
  const [pages] = await Promise.all([import('./pages/members-pages.tsx'), loadMessages('members')]);
  return pages;
};

// A guest is on one page, which needs neither another one, nor a router, nor the messages of the others.
const isJoin = location.pathname === '/join';
const Shown = lazy(isJoin ? () => import('./pages/join.tsx') : loadMembersPages);

function App() {
  const { locale } = useLocalization();
  return (
    <I18nProvider locale={locale}>
      <ErrorBoundary>
        <Suspense fallback={<Opening />}>
          <Shown />
        </Suspense>
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
