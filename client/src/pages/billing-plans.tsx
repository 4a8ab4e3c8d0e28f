import { useState } from 'react';
import { api } from '../api.ts';
import { Button, Problem } from '../components/controls.tsx';
import { Modal } from '../components/modal.tsx';
import { day, duration, figure, listed, money } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { count, t } from '../i18n/t.ts';
import {
  type PaidPlan,
  type PlanName,
  planNames,
  type RenderFormat,
  type rest,
  unlimited,
} from '../protocol.ts';
import { renderNames } from './names.ts';

interface PlansProps {
  billing: rest.Billing;
  isOwner: boolean;
  reload: () => Promise<void>;
}

/** What the organization could have. */
export function Plans({ billing, isOwner, reload }: PlansProps) {
  return (
    <section className="stack" aria-labelledby="plans-heading">
      <h2 id="plans-heading">{t('Plans')}</h2>
      {!isOwner && <p className="muted">{t('Only owners change the plan.')}</p>}
      <ul className="plans">
        {billing.plans.map(offer => (
          <li key={offer.plan} className="card stack">
            <h3>{planNames[offer.plan]}</h3>
            <p className="muted">{priceOf(offer)}</p>
            <ul className="plan-limits">
              {limitsOf(offer).map(line => (
                <li key={line}>{line}</li>
              ))}
            </ul>
            {isOwner && <Choice billing={billing} offer={offer} reload={reload} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function priceOf({ plan, price }: rest.PlanOffer): string {
  if (plan === 'free') return t('Costs nothing');
  if (plan === 'enterprise') return t('By agreement with those who run this server');
  if (price === null) return t('The price is on the next page');
  const amount = money(price.amount, price.currency);
  const isMonthly = price.interval === 'month';
  if (plan === 'team')
    return isMonthly
      ? t('{amount} a month for each member', { amount })
      : t('{amount} a year for each member', { amount });
  return isMonthly ? t('{amount} a month', { amount }) : t('{amount} a year', { amount });
}

function limitsOf({ plan, limits }: rest.PlanOffer): string[] {
  const { recordedHours, people, members, retentionDays, formats, ownKeys } = limits;
  return [
    recordedHours === null
      ? t('Recording without limit')
      : t('{n} h of recording a month', { n: figure(recordedHours, 0) }),
    people === null
      ? t('As many people in a session as come')
      : count('One person in a session|{n} people in a session', people),
    members === null
      ? plan === 'enterprise'
        ? t('Members as agreed')
        : t('As many members as you pay for')
      : count('One member|{n} members', members),
    retentionDays === null
      ? t('Kept for as long as you want')
      : t('Kept for up to {time}', { time: duration(retentionDays, 'day') }),
    formats.length === unlimited.formats.length
      ? t('All stems, mixes and films')
      : t('All stems; of what is made besides: {formats}', { formats: named(formats) }),
    ...(ownKeys ? [t('Your own key service')] : []),
  ];
}

const named = (formats: readonly RenderFormat[]) => listed(formats.map(format => t(renderNames[format])));

type Step = 'none' | 'order' | 'change' | 'end' | 'resume';

/** What an owner can do about a plan just now. */
function stepTo(billing: rest.Billing, to: PlanName): Step {
  const { plan, status, subscribed, endsAt } = billing;
  if (plan === 'enterprise' || to === 'enterprise') return 'none';
  const isSubscribed = subscribed !== null && status !== 'incomplete';
  if (!isSubscribed) return to === 'free' ? 'none' : 'order';
  if (to === 'free') return endsAt === null ? 'end' : 'none';
  if (to !== subscribed) return 'change';
  return endsAt === null ? 'none' : 'resume';
}

function Choice({
  billing,
  offer,
  reload,
}: {
  billing: rest.Billing;
  offer: rest.PlanOffer;
  reload: PlansProps['reload'];
}) {
  const { isPending, problem, run } = useAction();
  const [isAsking, setAsking] = useState(false);
  const { plan } = offer;
  const step = stepTo(billing, plan);
  const isOwn = plan === (billing.subscribed ?? billing.plan);
  if (step === 'none') return isOwn ? <p>{t('This is your plan.')}</p> : null;
  const order = (wanted: PaidPlan) =>
    run(async () => {
      const { url } = await api.orderPlan(wanted);
      window.location.assign(url);
    });
  const change = () =>
    run(async () => {
      if (plan !== 'enterprise') await api.changePlan(plan);
      await reload();
    });
  const press = () => {
    if (step === 'order' && (plan === 'pro' || plan === 'team')) void order(plan);
    else if (step === 'resume') void change();
    else setAsking(true);
  };
  const isPrimary = step === 'order' && plan === 'team';
  return (
    <>
      <Button look={isPrimary ? 'primary' : 'plain'} isPending={isPending} onPress={press}>
        {wordOf(step, plan, billing)}
      </Button>
      <Problem text={problem} />
      {isAsking && (
        <Sure billing={billing} offer={offer} onYes={() => void change()} onClose={() => setAsking(false)} />
      )}
    </>
  );
}

function wordOf(step: Step, plan: PlanName, { trialDays }: rest.Billing): string {
  const name = planNames[plan];
  if (step === 'resume') return t('Keep {plan}', { plan: name });
  if (step !== 'order') return t('Change to {plan}', { plan: name });
  return trialDays === null
    ? t('Choose {plan}', { plan: name })
    : t('Try {plan} for {time}', { plan: name, time: duration(trialDays, 'day') });
}

interface SureProps {
  billing: rest.Billing;
  offer: rest.PlanOffer;
  onYes: () => void;
  onClose: () => void;
}

/** What follows from another plan, before it is chosen. */
function Sure({ billing, offer, onYes, onClose }: SureProps) {
  const { plan, misfits } = offer;
  const end = billing.renewsAt ?? billing.trialEndsAt;
  const name = planNames[plan];
  return (
    <Modal title={t('Change to {plan}?', { plan: name })} onClose={onClose}>
      <p>
        {plan === 'free' && end !== null
          ? t('Your plan goes on until {date}, and is not renewed. Until then you can change your mind.', {
              date: day(end),
            })
          : t('It is changed at once. What is paid already counts, by the day, on the next invoice.')}
      </p>
      {misfits.length > 0 && (
        <>
          <p>{t('What you have that does not fit {plan}:', { plan: name })}</p>
          <ul className="plan-limits">
            {misfits.map(misfit => (
              <li key={misfit.what}>{misfitText(misfit)}</li>
            ))}
          </ul>
        </>
      )}
      <div className="row">
        <Button
          look={plan === 'free' ? 'danger' : 'primary'}
          onPress={() => {
            onClose();
            onYes();
          }}
        >
          {t('Change to {plan}', { plan: name })}
        </Button>
        <Button autoFocus onPress={onClose}>
          {t('Leave it')}
        </Button>
      </div>
    </Modal>
  );
}

/** What comes of what does not fit a plan. */
export function misfitText(misfit: rest.Misfit): string {
  switch (misfit.what) {
    case 'members':
      return t(
        '{have} members, where there is room for {allowed}: all stay, and nobody new can come.',
        misfit,
      );
    case 'hours':
      return t(
        '{have} h were recorded this month, of {allowed} h: nothing new can be recorded until the next one.',
        {
          have: figure(misfit.have, 1),
          allowed: misfit.allowed,
        },
      );
    case 'recordings':
      return t(
        '{recordings} older than {time} will be deleted after a warning of a week. Download what you need.',
        {
          recordings: count('One recording|{n} recordings', misfit.have),
          time: duration(misfit.allowed, 'day'),
        },
      );
    case 'ownKey':
      return t('Your own key: what it locks stays locked by it, and no other one can be set.');
    case 'formats':
      return t('These are not made any more: {formats}. What is there stays.', {
        formats: named(misfit.formats),
      });
  }
}
