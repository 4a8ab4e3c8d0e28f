import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ProjectFormat, projectFormat, type StemId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { participant, syncFixture, uuid } from '../stems/fixtures/recording.ts';
import type { StemRow } from '../stems/index.ts';
import { dawProjectXml } from './dawproject.ts';
import { type ProjectSource, projectFile, projectNames } from './index.ts';
import { projectOf } from './model.ts';

const run = promisify(execFile);
const NASTY = 'Tom & "Jerry" <it\'s> `live`\u0007';

const row = (
  number: number,
  name: string,
  source: StemRow['source'],
  format: 'wav' | 'webm' | null,
): StemRow => ({
  stemId: uuid(number) as StemId,
  participantId: participant(1),
  participantName: NASTY,
  source,
  name,
  state: format === null ? 'failed' : 'ready',
  note: format === null ? 'Nothing was ever sent.' : null,
  files: format === null ? [] : [{ format, objectKey: 'k', bytes: 1 }],
});

/** One minute: a microphone muted from 10.05 to 20 s, a camera that comes at 5 s, and somebody who never sent. */
const source: ProjectSource = {
  recording: {
    title: NASTY,
    recordingId: uuid(7),
    startedAt: new Date('2026-03-01T13:45:10.250Z'),
    durationUs: 60_010_000,
  },
  rows: [
    row(1, '01-tom-mic', 'mic', 'wav'),
    row(2, '01-tom-camera', 'camera', 'webm'),
    row(3, '02-eve-mic', 'mic', null),
  ],
  markers: [
    { atMs: 42_500, name: NASTY },
    { atMs: 99_000, name: 'behind the end' },
  ],
  syncs: new Map([
    [
      uuid(1),
      syncFixture({
        durationUs: 60_010_000,
        gaps: [
          { startUs: 10_050_000, endUs: 20e6, cause: 'muted' },
          { startUs: 30e6, endUs: 30.2e6, cause: 'network-loss' },
          { startUs: 50e6, endUs: 52e6, cause: 'recorder-damaged', reason: 'its hash <differs>' },
        ],
      }),
    ],
    [
      uuid(2),
      syncFixture({
        source: 'camera',
        codec: 'video/vp8',
        channels: 0,
        size: { width: 1280, height: 720 },
        gaps: [{ startUs: 0, endUs: 5e6, cause: 'late' }],
      }),
    ],
  ]),
};

describe('projects for editors', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-projects-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  async function saved(format: ProjectFormat): Promise<string> {
    const path = join(directory, projectNames[format]);
    await writeFile(path, await projectFile(format, source));
    return path;
  }
  const text = async (format: ProjectFormat) => (await projectFile(format, source)).toString();
  /** What libxml2 finds in a file, which it refuses where it is not well-formed. */
  const xpath = async (path: string, expression: string) =>
    (await run('xmllint', ['--nonet', '--xpath', expression, path])).stdout.trim();

  it('are the same bytes every time', async () => {
    for (const format of projectFormat.options) {
      const [once, again] = [await projectFile(format, source), await projectFile(format, source)];
      expect(once.equals(again), format).to.equal(true);
    }
  });

  it('for Reaper nest as its format wants, with an item a stretch and a region a gap', async () => {
    const root = parseRpp(await text('rpp'));
    expect(root.name).to.equal('REAPER_PROJECT');
    const tracks = root.children.filter(({ name }) => name === 'TRACK');
    expect(tracks.map(lineOf('NAME'))).to.deep.equal([['01-tom-mic'], ['01-tom-camera']]);
    const items = (tracks[0]?.children ?? []).filter(({ name }) => name === 'ITEM');
    const placed = items.map(item => [
      lineOf('POSITION')(item),
      lineOf('LENGTH')(item),
      lineOf('SOFFS')(item),
    ]);
    expect(placed).to.deep.equal([
      [['0.000000'], ['10.050000'], ['0.000000']],
      [['20.000000'], ['30.000000'], ['20.000000']],
      [['52.000000'], ['8.010000'], ['52.000000']],
    ]);
    const file = items[0]?.children[0];
    expect([file?.name, file?.values, lineOf('FILE')(file)]).to.deep.equal([
      'SOURCE',
      ['WAVE'],
      ['01-tom-mic.wav'],
    ]);
    const markers = root.lines.filter(([name]) => name === 'MARKER');
    expect(markers[0]).to.deep.equal(['MARKER', '1', '0.000000', '01-tom-camera: not there yet', '1']);
    expect(markers).to.have.length(8);
    const named = markers.filter(values => values.at(-1) === '0');
    expect(
      named.map(([, , at]) => at),
      'a place behind the end stands at it',
    ).to.deep.equal(['42.500000', '60.010000']);
  });

  it('for Audacity are a list of the sounds, and a label track', async () => {
    expect(await text('lof')).to.equal(
      'window offset 0 duration 60.010000\nfile "01-tom-mic.wav" offset 0\n',
    );
    expect((await text('labels')).split('\n')).to.deep.equal([
      '0.000000\t5.000000\t01-tom-camera: not there yet',
      '10.050000\t20.000000\t01-tom-mic: muted or switched off',
      `42.500000\t42.500000\t${NASTY.replace('\u0007', ' ')}`,
      '50.000000\t52.000000\t01-tom-mic: lost or damaged in storage',
      '60.010000\t60.010000\tbehind the end',
      '',
    ]);
  });

  it('in DAWproject are a zip that Python reads, with XML that libxml2 reads', async () => {
    const path = await saved('dawproject');
    const unzip = `import zipfile,sys; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])`;
    await run('python3', ['-c', unzip, path, directory]);
    const xml = join(directory, 'project.xml');
    expect(await xpath(xml, 'count(/Project/Structure/Track)')).to.equal('2');
    expect(await xpath(xml, 'count(//Clip)')).to.equal('4');
    expect(await xpath(xml, 'string(//Clip[2]/@time)')).to.equal('20.000000');
    expect(await xpath(xml, 'string(//Clips[1]/Clip[1]/Audio/File/@path)')).to.equal('01-tom-mic.wav');
    expect(await xpath(xml, 'count(//*[@track][not(@track = //Track/@id)])'), 'loose references').to.equal(
      '0',
    );
    expect(await xpath(xml, 'count(//Marker)')).to.equal('5');
    const title = await xpath(join(directory, 'metadata.xml'), 'string(/MetaData/Title)');
    expect(title).to.equal(NASTY.replace('\u0007', '').trim());
  });

  it('without a gap have no list of markers in DAWproject, which knows no empty one', () => {
    const whole = { ...source, syncs: new Map([[uuid(1), syncFixture({})]]) };
    const xml = dawProjectXml(projectOf(whole.recording, whole.rows, whole.syncs, []));
    expect(xml).not.to.contain('<Markers');
  });

  it('for Premiere and Resolve are Final Cut 7 XML, cut at frames so that nothing is lost', async () => {
    const path = await saved('fcp7');
    expect(await xpath(path, 'string(/xmeml/@version)')).to.equal('5');
    expect(await xpath(path, 'count(//video/track)')).to.equal('1');
    expect(await xpath(path, 'string(//sequence/duration)')).to.equal('1800');
    expect(await xpath(path, 'string(//audio/track[1]/clipitem[1]/end)')).to.equal('302');
    expect(await xpath(path, 'string(//audio/track[1]/clipitem[2]/start)')).to.equal('600');
    expect(await xpath(path, 'string(//audio/track[1]/clipitem[1]/file/pathurl)')).to.equal('01-tom-mic.wav');
    expect(await xpath(path, 'count(//clipitem[in != start or out != end])')).to.equal('0');
    expect(await xpath(path, 'count(//sequence/marker)')).to.equal('5');
    expect(await xpath(path, 'string(//sequence/marker[out = -1]/in)')).to.equal('1275');
  });

  it('in OpenTimelineIO are tracks that are equally long, with gaps as gaps', async () => {
    const { tracks, name } = JSON.parse(await text('otio'));
    expect(name).to.equal(NASTY);
    interface Item {
      OTIO_SCHEMA: string;
      source_range: { duration: { value: number; rate: number } };
    }
    const kinds = tracks.children.map((track: { children: Item[] }) =>
      track.children.map(item => item.OTIO_SCHEMA),
    );
    expect(kinds).to.deep.equal([
      ['Clip.1', 'Gap.1', 'Clip.1', 'Gap.1', 'Clip.1'],
      ['Gap.1', 'Clip.1'],
    ]);
    for (const { children } of tracks.children as { children: Item[] }[]) {
      const frames = children.reduce((sum, item) => sum + item.source_range.duration.value, 0);
      expect(frames).to.equal(1800);
    }
    expect(tracks.markers).to.have.length(5);
  });
});

describe('the certificate', () => {
  it('tells error, skew, packets and every gap of each stem, and who has none', async () => {
    const certificate = JSON.parse((await projectFile('sync', source)).toString());
    expect(certificate).to.include({
      durationUs: 60_010_000,
      samples: 2_880_480,
      startedAt: '2026-03-01T13:45:10.250Z',
    });
    const [mic, camera, nobody] = certificate.stems;
    expect(mic).to.deep.include({
      residualMs: 0.4,
      skewPpm: 12.5,
      packets: { received: 200, lost: 3, rebuilt: 1, concealed: 2, malformed: 0 },
    });
    expect(mic.gaps).to.have.length(3);
    expect(camera.gaps).to.deep.equal([{ startUs: 0, endUs: 5e6, cause: 'late' }]);
    expect(nobody).to.include({ state: 'failed', note: 'Nothing was ever sent.' });
  });

  it('is a page as well, which says the same and holds no markup of a guest’s', async () => {
    const page = (await projectFile('report', source)).toString();
    expect(page).to.contain('0:10.1 to 0:20.0, 9.95 s: muted or switched off');
    expect(page).to.contain('lost or damaged in storage (its hash &lt;differs&gt;)');
    expect(page).to.contain('Nothing was ever sent.');
    expect(page).to.contain('Tom &amp; &quot;Jerry&quot; &lt;it&apos;s&gt;');
    expect(page).not.to.contain('<it');
  });
});

interface RppNode {
  name: string;
  values: string[];
  lines: string[][];
  children: RppNode[];
}

const lineOf = (name: string) => (node: RppNode | undefined) =>
  node?.lines.find(line => line[0] === name)?.slice(1);

/** A strict reader of Reaper's format: every line is a tag, a block's begin or its end, and quotes are closed. */
function parseRpp(project: string): RppNode {
  const open: RppNode[] = [];
  let root: RppNode | null = null;
  for (const line of project.trimEnd().split('\n')) {
    expect(root, 'something behind the end').to.equal(null);
    const content = line.trim();
    if (content === '>') {
      const closed = open.pop();
      expect(closed, 'an end without a begin').not.to.equal(undefined);
      if (open.length === 0) root = closed ?? null;
      continue;
    }
    const [name = '', ...values] = tokens(content.replace(/^</, ''));
    expect(name, line).to.match(/^[A-Z_]+$/);
    if (!content.startsWith('<')) open.at(-1)?.lines.push([name, ...values]);
    else {
      const node = { name, values, lines: [], children: [] };
      open.at(-1)?.children.push(node);
      open.push(node);
    }
  }
  if (root === null) throw new Error('the project does not end');
  return root;
}

function tokens(line: string): string[] {
  const found: string[] = [];
  for (let rest = line; rest !== ''; ) {
    const match = /^(?:"([^"]*)"|'([^']*)'|`([^`]*)`|([^\s"'`]\S*))(?:\s+|$)/.exec(rest);
    if (match === null) throw new Error(`this cannot be read: ${line}`);
    found.push(match.slice(1).find(part => part !== undefined) ?? '');
    rest = rest.slice(match[0].length);
  }
  return found;
}
