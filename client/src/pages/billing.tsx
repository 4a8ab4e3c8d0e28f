import { useCallback, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api } from '../api.ts';
import { Notice } from '../components/controls.tsx';
import { Await, Page } from '../components/page.tsx';
import { useLoad } from '../hooks/use-load.ts';
import { t } from '../i18n/t.ts';
import { managerRoles, paidPlan, planNames, type rest } from '../protocol.ts';
import { AccountAside } from './account-aside.tsx';
import { OwnPlan } from './billing-own.tsx';
import { Plans } from './billing-plans.tsx';
import { NotFoundPage } from './not-found.tsx';
import { useAccount } from './signed-in.tsx';

/** The payment service tells of a payment within seconds. */
const AGAIN_MS = 1_500;
const PATIENCE_MS = 60_000;

/** What the organization pays for: owners change it, admins see it. */
export default function BillingPage() {
  const { me } = useAccount();
  if (!me.isBilled || me.organization === null) return <NotFoundPage />;
  const { role } = me.organization;
  return (
    <Page title={t('Plan and billing')} aside={<AccountAside />}>
      <div className="stack stack-wide">
        <div className="row row-between heading">
          <h1>{t('Plan and billing')}</h1>
          <Link to="/organization" className="button button-plain">
            {t('Members')}
          </Link>
        </div>
        {managerRoles.includes(role) ? (
          <Billing isOwner={role === 'owner'} />
        ) : (
          <Notice kind="info">{t('Only owners and admins see the plan. Ask one of them.')}</Notice>
        )}
      </div>
    </Page>
  );
}

function Billing({ isOwner }: { isOwner: boolean }) {
  const [search] = useSearchParams();
  const ordered = paidPlan.safeParse(search.get('ordered')).data ?? null;
  const [untilMs] = useState(() => Date.now() + PATIENCE_MS);
  const waits = useCallback(
    ({ subscribed }: rest.Billing) =>
      ordered !== null && subscribed !== ordered && Date.now() < untilMs ? AGAIN_MS : null,
    [ordered, untilMs],
  );
  const loaded = useLoad(api.billing, waits);
  return (
    <Await loaded={loaded} what={t('the plan')}>
      {(billing, reload) => (
        <>
          {ordered !== null && <Ordered plan={ordered} isThere={billing.subscribed === ordered} />}
          <OwnPlan billing={billing} isOwner={isOwner} />
          <Plans billing={billing} isOwner={isOwner} reload={reload} />
        </>
      )}
    </Await>
  );
}

/** Whoever comes back from paying may be faster than the word of it. */
const Ordered = ({ plan, isThere }: { plan: keyof typeof planNames; isThere: boolean }) => (
  <Notice kind={isThere ? 'good' : 'info'}>
    {isThere
      ? t('Thank you: {plan} is yours.', { plan: planNames[plan] })
      : t('Waiting for word of the payment. {plan} is there as soon as it comes, usually within a minute.', {
          plan: planNames[plan],
        })}
  </Notice>
);
