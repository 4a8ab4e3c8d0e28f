import './site.css';
import { Analytics } from './analytics.ts';

/** The only script of the public pages, and only of an installation that counts visits. */
const { analytics: measurementId, consent } = document.documentElement.dataset;
if (measurementId !== undefined) begin(new Analytics(measurementId), consent === 'assumed');

function begin(analytics: Analytics, isAssumed: boolean): void {
  const panel = element('cookie-panel');
  const open = () => {
    panel.hidden = false;
  };
  const answer = (allowed: boolean) => {
    panel.hidden = true;
    element('cookie-preferences').focus();
    if (allowed) analytics.allow();
    else analytics.refuse();
  };
  element('cookie-allow').addEventListener('click', () => answer(true));
  element('cookie-refuse').addEventListener('click', () => answer(false));
  element('cookie-preferences').addEventListener('click', () => {
    open();
    element('cookie-refuse').focus();
  });
  const choice = analytics.choice();
  // Global Privacy Control: who sends that has answered.
  const refusesEverywhere = 'globalPrivacyControl' in navigator && navigator.globalPrivacyControl === true;
  if (choice === 'allowed' || (choice === null && isAssumed && !refusesEverywhere)) analytics.start();
  else if (choice === null && !isAssumed && !refusesEverywhere) open();
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}
