import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { errors } from '../protocol.ts';
import { guests, serverForGuests } from './fr/guests.ts';
import { members, serverForMembers } from './fr/members.ts';
import { type Dictionary, loadMessages, localization, setLanguage } from './language.ts';
import { count, rich, t } from './t.ts';
import { patternOf, told } from './told.ts';

const folder = join(import.meta.dirname, '..');
const signaling = join(folder, '../../signaling');
const dictionaries: Record<string, Dictionary> = { guests, members, serverForGuests, serverForMembers };
const sources = globSync('**/*.{ts,tsx}', { cwd: folder })
  .filter(file => !file.startsWith('i18n/fr/') && !file.endsWith('.test.ts'))
  .map(file => ({ file, text: readFileSync(join(folder, file), 'utf8') }));

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();

describe('messages', () => {
  before(() => {
    // What a browser has, and Node has not.
    Object.assign(globalThis, { document: { documentElement: { lang: '' } } });
  });
  afterEach(() => setLanguage('en'));
  after(() => {
    Reflect.deleteProperty(globalThis, 'document');
  });

  it('have the same placeholders in both languages', () => {
    for (const [english, french] of Object.values(dictionaries).flatMap(Object.entries)) {
      const forms = typeof french === 'string' ? [french] : Object.values(french as object);
      for (const form of forms) {
        expect(form, english).not.to.equal('');
        if (typeof french === 'string')
          expect(placeholders(form), english).to.deep.equal(placeholders(english));
        else for (const each of placeholders(form)) expect(each, english).to.equal('{n}');
      }
    }
  });

  it('stand once, and none for what is never shown', () => {
    const both = (one: object, other: object) => Object.keys(one).filter(key => key in other);
    expect(both(guests, members)).to.deep.equal([]);
    expect(both(serverForGuests, serverForMembers)).to.deep.equal([]);
    const written = sources.map(({ text }) => text).join('\n');
    const isWritten = (key: string) =>
      [`'${key.replaceAll("'", "\\'")}'`, `\n  ${key}:`, `"${key}"`].some(form => written.includes(form));
    const unused = [...Object.keys(guests), ...Object.keys(members)].filter(key => !isWritten(key));
    expect(unused).to.deep.equal([]);
  });

  it('that guests see do not need what only members load', () => {
    const forGuests = sources.filter(({ file }) =>
      /^(components|hooks|studio)\/|^pages\/(join|not-found)/.test(file),
    );
    const membersOnly =
      /components\/(stem-timeline|stem-lane|organization-fields|waveform|markers|badge|copy-once)\./;
    const wrong = forGuests
      .filter(({ file }) => !membersOnly.test(file))
      .flatMap(({ file, text }) =>
        [...text.matchAll(/\b(?:t|rich|count)\(\s*'((?:[^'\\]|\\.)*)'/g)]
          .map(found => found[1] ?? '')
          .filter(key => !(key in guests))
          .map(key => `${file}: ${key}`),
      );
    expect(wrong).to.deep.equal([]);
  });

  it('are in French as soon as that is chosen, and in English again', async () => {
    expect(t('Your name')).to.equal('Your name');
    await setLanguage('fr');
    expect(t('Your name')).to.equal('Votre nom');
    expect(t('Waiting – {title}', { title: 'Orbit' })).to.equal('En attente – Orbit');
    expect(document.documentElement.lang).to.equal('fr');
    await setLanguage('en');
    expect(t('Your name')).to.equal('Your name');
    expect(document.documentElement.lang).to.equal('en');
  });

  it('are in what was chosen last, though a page that opens meanwhile wants more of them', async () => {
    const chosen = setLanguage('fr');
    await Promise.all([loadMessages('members'), chosen]);
    expect(t('Your name')).to.equal('Votre nom');
    await Promise.all([setLanguage('fr'), setLanguage('en')]);
    expect(t('Your name')).to.equal('Your name');
  });

  it('tell apart what has the same words in English', () => {
    expect(t('Leave#marker')).to.equal('Leave');
  });

  it('put elements among their words', () => {
    const shown = rich('You join as {name}.', { name: 'Ada' }) as { props: { children: unknown } };
    expect(shown.props.children).to.deep.equal(['You join as ', 'Ada', '.']);
  });

  it('count as each language does', async () => {
    const people = (n: number) => count('One person|{n} people', n).replace(/\s/g, ' ');
    expect([0, 1, 2, 1000].map(people)).to.deep.equal(['0 people', 'One person', '2 people', '1,000 people']);
    const { loadMessages } = await import('./language.ts');
    await loadMessages('members');
    await setLanguage('fr');
    expect([0, 1, 2].map(people)).to.deep.equal(['Une personne', 'Une personne', '2 personnes']);
  });

  it('of the server that somebody in a room can be told do not need what only members load', () => {
    const text = ['rooms/*.ts', 'socket/*.ts', 'http/routes/join.ts', 'accounts/seats.ts']
      .flatMap(pattern => globSync(pattern, { cwd: signaling }))
      .filter(file => !file.endsWith('.test.ts'))
      .map(file => readFileSync(join(signaling, file), 'utf8'))
      .join('\n');
    const conflicts = [...text.matchAll(/errors\.conflict\(\s*(['`])(.*?)\1/g)].map(
      ([, , said = '']) => said,
    );
    const others = Object.entries(errors)
      .filter(([name]) => name !== 'conflict' && text.includes(`errors.${name}(`))
      .map(([, make]): string => Reflect.apply(make, undefined, ['…']).message);
    expect(conflicts).to.include('Nothing is being recorded.');
    expect(others).to.include(errors.linkInvalid().message);
    const isKnown = (said: string) => Object.keys(serverForGuests).some(key => patternOf(key).test(said));
    expect([...conflicts, ...others].filter(said => !isKnown(said))).to.deep.equal([]);
  });

  it('of the server are told in French, with what varies', async () => {
    const catalogue = [
      errors.notSignedIn(),
      errors.keyRefused(),
      errors.codeWrong(3),
      errors.codeWrong(1),
      errors.codeWrong(0),
      errors.codeUnusable(),
      errors.signUpClosed(),
      errors.passkeyRefused(),
      errors.signInLinkUnusable(),
      errors.tooManyRequests('codes were asked for'),
      errors.tooManyRequests('invitations to that address'),
      errors.linkInvalid(),
      errors.shareEnded(),
      errors.memberInvitationInvalid(),
      errors.membershipEnded(),
      errors.credentialInvalid(),
      errors.forbidden('the host and co-hosts', 'do that'),
      errors.roleNeeded('owners and admins', 'do that'),
      errors.notFound('session'),
      errors.planPeople(4),
      errors.planHours(2),
      errors.planMembers(2),
      errors.planFormat('grid'),
      errors.planOwnKeys(),
      errors.unavailable('payment service'),
      errors.waitForHost(),
      errors.notAdmitted(),
      errors.removedFromSession(),
      errors.sessionLocked(),
      errors.sessionEnded(),
      errors.sessionFull(),
      errors.replacedByNewerTab(),
      errors.nodeUnavailable('recorder'),
      errors.unavailable('server'),
      errors.recordingRefused('an unexpected fault, which has been logged.'),
      errors.erased(),
      errors.internal(),
    ];
    await setLanguage('fr');
    for (const { message } of catalogue) expect(told(message), message).not.to.equal(message);
    expect(told(errors.codeWrong(3).message).replace(/\s/g, ' ')).to.equal(
      'Ce code est faux. Regardez le message le plus récent ; il reste 3 essais.',
    );
    expect(told(errors.notFound('session').message)).to.match(/la session/);
    expect(told('Nobody knows this.')).to.equal('Nobody knows this.');
    expect(localization.get().language).to.equal('fr');
  });

  it('leave no English in the pages that is not wrapped', () => {
    // Text between tags, and in the attributes that are shown or read out.
    const inTags = />\s*([A-Z][a-z][\w ,’'-]*[.:…]?)\s*(?:<\/|\{)/g;
    const inAttributes = /\b(?:label|hint|title|what|aria-label|text|none)="([A-Z][^"]+)"/g;
    const wrong = sources
      .filter(({ file }) => file.endsWith('.tsx'))
      .flatMap(({ file, text }) =>
        [...text.matchAll(inTags), ...text.matchAll(inAttributes)].map(found => `${file}: ${found[1]}`),
      )
      .filter(found => !/: (CraterSync|API)$/.test(found));
    expect(wrong).to.deep.equal([]);
  });
});
