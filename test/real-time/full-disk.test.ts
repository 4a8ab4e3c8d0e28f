import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fill } from '../faults/faulty-disk.ts';
import { checkRoom } from '../support/check-room.ts';
import { RealRecorder } from '../support/real-recorder.ts';
import { canMount, mountSmallDisk } from '../support/small-disk.ts';

describe('a real recorder on a full disk', () => {
  // test/faults/trouble.test.ts has the same faults without a disk of its own.
  if (!canMount) return;
  let parent: string;
  let disk: string;
  let unmount: () => Promise<void>;
  let recorder: RealRecorder;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'cratersync-full-'));
    recorder = await RealRecorder.start({
      parent,
      prepare: async directory => {
        disk = join(directory, 'recorder');
        unmount = await mountSmallDisk(disk, '32m');
      },
    });
  });
  afterEach(async () => {
    await recorder.end('SIGKILL');
    await unmount();
    await recorder.close();
    await rm(parent, { recursive: true });
  });

  it('tells the host within 5 s, and goes on when there is room again', async () => {
    const room = await recorder.open('mic', 'camera');
    await recorder.send(500, room);
    const ballast = await fill(disk);
    const filledMs = performance.now();
    const sending = recorder.send(2000, room);
    const { recordingId, message } = await recorder.signaling.report('recording.warned');
    expect(performance.now() - filledMs).to.be.lessThan(5000);
    expect(recordingId).to.equal(room.recordingId);
    expect(message).to.match(/disk of the recorder/);
    await sending;
    await unlink(ballast);
    await recorder.send(500, room);
    await recorder.signaling.ask('recording.close', { recordingId });
    await recorder.signaling.report('recording.finalized');
    await checkRoom(recorder, room);
  });

  it('starts again after a kill, brings what it has to the store, and so makes room', async () => {
    const room = await recorder.open('mic', 'camera');
    const blocked = join(recorder.directory, 'store', 'recordings', room.recordingId, 'tracks');
    await writeFile(blocked, 'the store takes no chunk while this is in the way');
    await recorder.send(1500, room);
    const fillsMs = performance.now();
    const ballast = await fill(disk);
    await recorder.end('SIGKILL');
    await recorder.launch();
    await unlink(blocked);
    for (const sending of room.sendings) await recorder.connect(room, sending);
    await recorder.send(500, room);
    const { recordingId } = room;
    await recorder.signaling.ask('recording.close', { recordingId });
    await recorder.signaling.report('recording.finalized');
    await checkRoom(recorder, room, [fillsMs]);
    await unlink(ballast);
  });
});
