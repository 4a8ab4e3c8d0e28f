import { Meter } from 'react-aria-components/Meter';
import { api } from '../api.ts';
import { Badge } from '../components/badge.tsx';
import { Button, Notice, Problem } from '../components/controls.tsx';
import { day, figure, utcDay, utcMonth } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { count, t } from '../i18n/t.ts';
import { planNames, type rest } from '../protocol.ts';
import { misfitText } from './billing-plans.tsx';

/** What the organization has just now, and how much of it is used. */
export function OwnPlan({ billing, isOwner }: { billing: rest.Billing; isOwner: boolean }) {
  const { plan, seats, members, recordedHours } = billing;
  const facts = factsOf(billing);
  const offer = billing.plans.find(each => each.plan === plan);
  const limits = offer?.limits;
  const tooOld = offer?.misfits.find(({ what }) => what === 'recordings');
  const mostMembers = plan === 'enterprise' ? seats : (limits?.members ?? null);
  return (
    <section className="card stack" aria-labelledby="plan-heading">
      <div className="row">
        <h2 id="plan-heading">{planNames[plan]}</h2>
        <State billing={billing} />
      </div>
      <Warnings billing={billing} mostHours={limits?.recordedHours ?? null} />
      {tooOld !== undefined && <Notice kind="problem">{misfitText(tooOld)}</Notice>}
      {facts.length > 0 && (
        <dl className="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <Used
        what={t('Recorded in {month}', { month: utcMonth(billing.countsFrom) })}
        have={recordedHours}
        most={limits?.recordedHours ?? null}
        say={hours}
      />
      <Used what={t('Members')} have={members} most={mostMembers} say={n => figure(n, 0)} />
      {isOwner && billing.hasAccount && <Portal />}
    </section>
  );
}

const hours = (n: number) => t('{n} h', { n: figure(n, Number.isInteger(n) ? 0 : 1) });

function factsOf({ plan, seats, renewsAt, trialEndsAt, endsAt }: rest.Billing): [string, string][] {
  const dates: [string, string | null][] = [
    [t('The trial ends on'), trialEndsAt],
    [t('Renews on'), renewsAt],
    [plan === 'enterprise' ? t('Granted until') : t('Ends on'), endsAt],
  ];
  return [
    ...(seats === null ? [] : [[t('Seats'), count('One seat|{n} seats', seats)] as [string, string]]),
    ...dates.flatMap(([name, iso]): [string, string][] => (iso === null ? [] : [[name, day(iso)]])),
  ];
}

function State({ billing: { plan, status, endsAt, graceEndsAt } }: { billing: rest.Billing }) {
  if (plan === 'enterprise') return null;
  if (graceEndsAt !== null) return <Badge tone="bad" text={t('Payment failed')} />;
  if (endsAt !== null) return <Badge tone="busy" text={t('Ends')} />;
  if (status === 'trialing') return <Badge tone="busy" text={t('Trial')} />;
  return status === 'active' ? <Badge tone="good" text={t('Paid')} /> : null;
}

function Warnings({ billing, mostHours }: { billing: rest.Billing; mostHours: number | null }) {
  const { plan, subscribed, graceEndsAt, recordedHours, countsUntil } = billing;
  const isOver = mostHours !== null && recordedHours >= mostHours;
  return (
    <>
      {graceEndsAt !== null && (
        <Notice kind="problem">
          {plan === subscribed
            ? t('A payment has failed. The plan goes on until {date}; pay by then, or give another card.', {
                date: day(graceEndsAt),
              })
            : t('A payment has failed, and the limits of Free hold. They end as soon as it is paid.')}
        </Notice>
      )}
      {isOver && (
        <Notice kind="problem">
          {t(
            'The hours of this month are used up. What is being recorded goes on; the next recording can begin on {date}, or at once with a larger plan.',
            { date: utcDay(countsUntil) },
          )}
        </Notice>
      )}
    </>
  );
}

interface UsedProps {
  what: string;
  have: number;
  /** null: without limit */
  most: number | null;
  say: (n: number) => string;
}

function Used({ what, have, most, say }: UsedProps) {
  const text = most === null ? say(have) : t('{have} of {most}', { have: say(have), most: say(most) });
  return (
    <div>
      <div className="row row-between">
        <span>{what}</span>
        <span className="muted">{text}</span>
      </div>
      {most !== null && (
        <Meter aria-label={what} className="progress" maxValue={most} value={have} valueLabel={text}>
          {({ percentage }) => <span className="progress-fill" style={{ inlineSize: `${percentage}%` }} />}
        </Meter>
      )}
    </div>
  );
}

function Portal() {
  const { isPending, problem, run } = useAction();
  const open = () =>
    run(async () => {
      const { url } = await api.openPortal();
      window.location.assign(url);
    });
  return (
    <>
      <div className="row">
        <Button isPending={isPending} onPress={() => void open()}>
          {t('Payments and receipts')}
        </Button>
      </div>
      <Problem text={problem} />
    </>
  );
}
