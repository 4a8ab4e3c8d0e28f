import { expect } from 'chai';
import { forSeeds } from '../faults/seeds.ts';
import { checkRoom } from '../support/check-room.ts';
import { RealRecorder } from '../support/real-recorder.ts';

const KILLS = 4;

describe('a real recorder process', () => {
  it('that is killed again and again with three recordings at once, loses at most 250 ms each time', async () => {
    await forSeeds(3, async random => {
      const recorder = await RealRecorder.start();
      try {
        const rooms = [
          await recorder.open('mic', 'camera'),
          await recorder.open('mic'),
          await recorder.open('mic'),
        ];
        const killsMs: number[] = [];
        for (let kills = 0; kills < KILLS; kills += 1) {
          await recorder.send(random.int(450, 1300), ...rooms);
          killsMs.push(performance.now());
          await recorder.end('SIGKILL');
          await recorder.launch();
          for (const room of rooms)
            for (const sending of room.sendings) await recorder.connect(room, sending);
        }
        await recorder.send(500, ...rooms);
        for (const { recordingId } of rooms) await recorder.signaling.ask('recording.close', { recordingId });
        for (const _ of rooms) await recorder.signaling.report('recording.finalized');
        for (const room of rooms) await checkRoom(recorder, room, killsMs);
      } finally {
        await recorder.close();
      }
    });
  }).timeout(1_200_000);

  it('that is told to stop, first takes what has reached its ports, and loses nothing', async () => {
    const recorder = await RealRecorder.start();
    try {
      const room = await recorder.open('mic', 'camera');
      await recorder.send(700, room);
      // It sleeps while more arrives, and finds the order to stop together with that.
      recorder.signal('SIGSTOP');
      await recorder.send(1000, room);
      recorder.signal('SIGTERM');
      const ended = recorder.end('SIGCONT');
      const { recordingId } = await recorder.signaling.report('recording.finalized');
      expect(recordingId).to.equal(room.recordingId);
      expect(await ended).to.equal(0);
      await checkRoom(recorder, room);
    } finally {
      await recorder.close();
    }
  });
});
