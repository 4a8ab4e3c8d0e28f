import { expect } from 'chai';
import type { Browser } from './fixtures/browser.ts';
import { useTestApp } from './fixtures/test-app.ts';

describe('the list of sessions', () => {
  const test = useTestApp();
  let rita: Browser;
  before(async () => {
    rita = await test.host('rita@example.org');
  });

  const create = async (title: string, startsAt: string | null = null): Promise<string> =>
    (await rita.post('/api/v1/sessions', { title, startsAt })).body.sessionId;
  const titles = async (query: string): Promise<string[]> =>
    (await rita.get(`/api/v1/sessions?${query}`)).body.sessions.map(({ title }: { title: string }) => title);

  it('tells what is to come from what is over, and who was there', async () => {
    const past = await create('Tides');
    const { body: link } = await rita.post(`/api/v1/sessions/${past}/invitations`);
    const token = String(link.url).split('#')[1];
    for (const displayName of ['Zoë', 'Ada', 'Ada', 'Knocked'])
      await test.browser().post('/api/v1/join', { token, displayName });
    await test.db.owner.query(`UPDATE app.participants SET state = 'left' WHERE display_name <> 'Knocked'`);
    await test.db.owner.query(`UPDATE app.sessions SET state = 'ended' WHERE session_id = $1`, [past]);
    await create('Comets');
    expect(await titles('when=past')).to.deep.equal(['Tides']);
    expect(await titles('when=upcoming')).to.deep.equal(['Comets']);
    const [tides] = (await rita.get('/api/v1/sessions?when=past')).body.sessions;
    expect(tides.people).to.deep.equal(['Ada', 'Zoë']);
    expect((await rita.get(`/api/v1/sessions/${past}`)).body.people).to.deep.equal(['Ada', 'Zoë']);
  });

  it('finds by title and by who was there, whatever the capitals, and nothing by a pattern', async () => {
    expect(await titles('search=COM')).to.deep.equal(['Comets']);
    expect(await titles('search=zo%C3%AB')).to.deep.equal(['Tides']);
    expect(await titles('search=knocked')).to.deep.equal([]);
    expect(await titles('search=%25')).to.deep.equal([]);
    expect(await titles('search=zo%C3%AB&when=upcoming')).to.deep.equal([]);
    expect(await titles('search=')).to.deep.equal(['Comets', 'Tides']);
  });

  it('is in the order of what is planned, page by page', async () => {
    await create('In May', '2031-05-01T10:00:00Z');
    await create('In March', '2031-03-01T10:00:00Z');
    expect(await titles('')).to.deep.equal(['In May', 'In March', 'Comets', 'Tides']);
    const { sessions, next } = (await rita.get('/api/v1/sessions?limit=3')).body;
    expect(sessions).to.have.lengthOf(3);
    expect(await titles(`limit=3&cursor=${next}`)).to.deep.equal(['Tides']);
  });

  it('gives a session another title and time, and the audit log tells of the title', async () => {
    const sessionId = await create('Draft');
    const path = `/api/v1/sessions/${sessionId}`;
    const change = { title: 'Auroras', startsAt: '2031-04-01T10:00:00+02:00' };
    expect((await rita.patch(path, change)).status).to.equal(200);
    const { body } = await rita.get(path);
    expect(body).to.include({ title: 'Auroras', startsAt: '2031-04-01T08:00:00.000Z', lobby: false });
    await rita.patch(path, { startsAt: null });
    expect((await rita.get(path)).body).to.include({ title: 'Auroras', startsAt: null });
    const { entries } = (await rita.get('/api/v1/organization/audit?action=session.renamed')).body;
    expect(entries).to.have.lengthOf(1);
    for (const wrong of [{ title: ' ' }, { startsAt: 'tomorrow' }, { startsAt: 5 }])
      expect((await rita.patch(path, wrong)).status).to.equal(400);
    const stranger = await test.host('stranger@example.org');
    expect((await stranger.patch(path, change)).status).to.equal(404);
  });
});
