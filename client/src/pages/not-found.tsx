import { Link } from 'react-router';
import { Page } from '../components/page.tsx';

export function NotFoundPage() {
  return (
    <Page title="Not found" isNarrow>
      <div className="card stack">
        <h1>There is nothing here</h1>
        <p>The address may be incomplete. If somebody sent you a link, ask them to send it again.</p>
        <div>
          <Link to="/" className="button button-primary">
            Go to your sessions
          </Link>
        </div>
      </div>
    </Page>
  );
}
