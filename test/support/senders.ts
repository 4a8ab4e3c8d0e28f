/** Breaking what a page sends from outside the app. These functions run in the page, and stand alone there. */

interface WithSenders {
  senders: { sender: RTCRtpSender; track: MediaStreamTrack | null }[];
}

/** In the page: remembers what it sends by, to break it from outside the app. */
export function keepSenders(): void {
  const senders: WithSenders['senders'] = [];
  Object.assign(globalThis, { senders });
  const { addTransceiver } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addTransceiver = function (...given) {
    const transceiver = addTransceiver.apply(this, given);
    senders.push({ sender: transceiver.sender, track: transceiver.sender.track });
    return transceiver;
  };
}

/** In the page: takes the microphone away from under the app, or gives it back. */
export function switchMicrophone(isOn: boolean): Promise<void> | undefined {
  const { senders } = globalThis as unknown as WithSenders;
  const mic = senders.find(({ track }) => track?.kind === 'audio');
  return mic?.sender.replaceTrack(isOn ? mic.track : null);
}
