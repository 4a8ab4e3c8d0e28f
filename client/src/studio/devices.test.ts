import { expect } from 'chai';
import { cameraConstraints, choices, defaultSettings, microphoneConstraints } from './devices.ts';
import { meterPosition, peakDb } from './level-meter.ts';

describe('devices', () => {
  it('asks for one channel at 48 kHz, and for what the switches say', () => {
    const settings = { ...defaultSettings, microphone: 'abc', noiseSuppression: false };
    expect(microphoneConstraints(settings)).to.deep.equal({
      deviceId: { exact: 'abc' },
      sampleRate: 48_000,
      channelCount: 1,
      echoCancellation: true,
      noiseSuppression: false,
      autoGainControl: true,
    });
  });

  it('leaves the usual camera to the browser', () => {
    expect(cameraConstraints(defaultSettings)).not.to.have.property('deviceId');
  });

  it('lists real devices once, and names the nameless', () => {
    const listed = choices(
      [
        { deviceId: 'default', kind: 'audioinput', label: 'Default - USB' },
        { deviceId: 'usb', kind: 'audioinput', label: 'USB' },
        { deviceId: 'b', kind: 'audioinput', label: '' },
        { deviceId: '', kind: 'audioinput', label: '' },
        { deviceId: 'cam', kind: 'videoinput', label: 'Camera' },
      ],
      'audioinput',
      'Microphone {n}',
    );
    expect(listed).to.deep.equal([
      { id: 'usb', label: 'USB' },
      { id: 'b', label: 'Microphone 2' },
    ]);
  });
});

describe('level meter', () => {
  it('shows full scale as full, −30 dB as half, and silence as nothing', () => {
    expect(meterPosition(peakDb(new Float32Array([0.2, -1, 0.5])))).to.equal(1);
    expect(meterPosition(-30)).to.equal(0.5);
    expect(meterPosition(peakDb(new Float32Array(8)))).to.equal(0);
  });
});
