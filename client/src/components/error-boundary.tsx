import { Component, type ReactNode } from 'react';
import { t } from '../i18n/t.ts';
import { Button } from './controls.tsx';

/** A fault of ours in a page: says so, and offers a way back that starts from nothing. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className="page-main page-narrow stack" role="alert">
        <h1>{t('This page stopped working')}</h1>
        <p>{t('That is a fault of ours, not yours. Nothing that was recorded is lost.')}</p>
        <div className="row">
          <Button look="primary" onPress={() => window.location.reload()}>
            {t('Load it again')}
          </Button>
          <a href="/" className="button button-plain">
            {t('Go to your sessions')}
          </a>
        </div>
      </main>
    );
  }
}
