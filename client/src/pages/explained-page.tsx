import type { ReactNode } from 'react';
import { Page } from '../components/page.tsx';
import { AccountAside } from './account-aside.tsx';

interface ExplainedPageProps {
  title: string;
  /** What it is for. */
  about: string;
  children: ReactNode;
}

/** A page for whoever is signed in that says first what it is for. */
export function ExplainedPage({ title, about, children }: ExplainedPageProps) {
  return (
    <Page title={title} aside={<AccountAside />}>
      <div className="stack stack-wide">
        <div>
          <h1>{title}</h1>
          <p className="muted">{about}</p>
        </div>
        {children}
      </div>
    </Page>
  );
}
