import { expect } from 'chai';
import { errors } from '../protocol.ts';
import { backOffMs, type Effect, type Input, initialRejoin, type RejoinState, step } from './rejoin.ts';

/** Feeds inputs one after the other; answers the last state and every effect on the way. */
function play(inputs: readonly Input[], from: RejoinState = initialRejoin) {
  const effects: Effect[] = [];
  let state = from;
  for (const input of inputs) {
    const next = step(state, input);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

const toLive: Input[] = [
  { type: 'socketUp' },
  { type: 'joined', attempt: 1, resumed: false },
  { type: 'built', attempt: 1 },
];
const live = play(toLive).state;

describe('rejoin', () => {
  it('joins without media at first, and builds it', () => {
    const { state, effects } = play(toLive);
    expect(state).to.include({ phase: 'live', hasMedia: true });
    expect(effects).to.deep.equal([
      { do: 'join', attempt: 1, keepMedia: false },
      { do: 'build', attempt: 1 },
    ]);
  });

  it('waits where it is told to, knocks again when it is back, and joins when it is admitted', () => {
    const waiting = play([{ type: 'socketUp' }, { type: 'mustWait', attempt: 1 }]).state;
    expect(waiting.phase).to.equal('waiting');
    const back = play(
      [{ type: 'socketDown' }, { type: 'socketUp' }, { type: 'mustWait', attempt: 3 }],
      waiting,
    );
    expect(back.effects).to.deep.equal([{ do: 'join', attempt: 3, keepMedia: false }]);
    const inside = play(
      [{ type: 'admitted' }, { type: 'joined', attempt: 4, resumed: false }, { type: 'built', attempt: 4 }],
      back.state,
    );
    expect(inside.state.phase).to.equal('live');
    expect(inside.effects.map(effect => effect.do)).to.deep.equal(['join', 'build']);
    expect(play([{ type: 'admitted' }], live).effects).to.deep.equal([]);
  });

  it('keeps its transports over a lost socket, and restarts ICE on them', () => {
    const away = play([{ type: 'socketDown' }, { type: 'socketUp' }], live);
    expect(away.effects).to.deep.equal([{ do: 'join', attempt: 3, keepMedia: true }]);
    const back = play([{ type: 'joined', attempt: 3, resumed: true }], away.state);
    expect(back.state.phase).to.equal('live');
    expect(back.effects.map(effect => effect.do)).to.deep.equal(['restartIce', 'watchTrouble']);
  });

  it('builds anew when the server has forgotten the transports', () => {
    const inputs: Input[] = [
      { type: 'socketDown' },
      { type: 'socketUp' },
      { type: 'joined', attempt: 3, resumed: false },
    ];
    const { state, effects } = play(inputs, live);
    expect(state).to.include({ phase: 'building', hasMedia: false });
    expect(effects.at(-1)).to.deep.equal({ do: 'build', attempt: 3 });
  });

  it('joins again without media when the media node is lost', () => {
    const { effects } = play([{ type: 'mediaLost' }], live);
    expect(effects).to.deep.equal([{ do: 'join', attempt: 2, keepMedia: false }]);
  });

  it('asks for new media after the socket is back, when the media was lost meanwhile', () => {
    const { effects } = play([{ type: 'socketDown' }, { type: 'mediaLost' }, { type: 'socketUp' }], live);
    expect(effects).to.deep.equal([{ do: 'join', attempt: 3, keepMedia: false }]);
  });

  it('restarts ICE once while a transport is cut off, then makes everything anew', () => {
    const troubled = play([{ type: 'transportsTroubled' }, { type: 'transportsTroubled' }], live);
    expect(troubled.effects.map(effect => effect.do)).to.deep.equal(['restartIce', 'watchTrouble']);
    const lasted = play([{ type: 'troubleLasted', attempt: 1 }], troubled.state);
    expect(lasted.effects).to.deep.equal([{ do: 'join', attempt: 2, keepMedia: false }]);
  });

  it('leaves a transport alone that has recovered in time', () => {
    const inputs: Input[] = [
      { type: 'transportsTroubled' },
      { type: 'transportsHealthy' },
      { type: 'troubleLasted', attempt: 1 },
    ];
    const { state, effects } = play(inputs, live);
    expect(state.phase).to.equal('live');
    expect(effects.map(effect => effect.do)).to.deep.equal(['restartIce', 'watchTrouble']);
  });

  it('ignores the answer to a join that a newer one has overtaken', () => {
    const joining = play([{ type: 'socketUp' }, { type: 'socketDown' }, { type: 'socketUp' }]).state;
    const { state, effects } = play([{ type: 'joined', attempt: 1, resumed: false }], joining);
    expect(state).to.equal(joining);
    expect(effects).to.be.empty;
  });

  it('waits longer after each failure, up to a limit, and forgets them once it is in', () => {
    const failing = errors.nodeUnavailable('media node').toBody();
    const first = play([{ type: 'socketUp' }, { type: 'failed', attempt: 1, error: failing }]);
    expect(first.effects.at(-1)).to.deep.equal({ do: 'retryLater', attempt: 2, waitMs: 500 });
    const second = play(
      [
        { type: 'retryDue', attempt: 2 },
        { type: 'failed', attempt: 3, error: failing },
      ],
      first.state,
    );
    expect(second.effects.at(-1)).to.deep.equal({ do: 'retryLater', attempt: 4, waitMs: 1_000 });
    expect(backOffMs(30)).to.equal(8_000);
    const inside = play(
      [
        { type: 'retryDue', attempt: 4 },
        { type: 'joined', attempt: 5, resumed: false },
        { type: 'built', attempt: 5 },
      ],
      second.state,
    );
    expect(inside.state.failures).to.equal(0);
  });

  it('joins again when the server no longer knows this connection', () => {
    const { state } = play([{ type: 'failed', attempt: 1, error: errors.joinFirst().toBody() }], live);
    expect(state).to.include({ phase: 'joining', hasMedia: false });
  });

  it('ends for good when its place is no longer valid', () => {
    const { state, effects } = play([
      { type: 'socketRefused', error: errors.credentialInvalid().toBody() },
      { type: 'socketUp' },
    ]);
    expect(state.ending).to.include({ kind: 'refused', code: 'credential_invalid' });
    expect(effects).to.deep.equal([{ do: 'close', tellServer: false }]);
  });

  it('comes back by itself when a refusal is only for now', () => {
    const error = errors.unavailable('database').toBody();
    const { state, effects } = play([{ type: 'socketRefused', error }]);
    expect(state.ending).to.equal(null);
    expect(effects).to.deep.equal([{ do: 'reconnectLater', waitMs: 500 }]);
  });

  it('stops when the server dismisses it, and does not come back', () => {
    const { code, message } = errors.replacedByNewerTab();
    const { state, effects } = play(
      [{ type: 'dismissed', code, message }, { type: 'socketDown' }, { type: 'socketUp' }],
      live,
    );
    expect(state.ending).to.deep.equal({ kind: 'dismissed', code, message });
    expect(effects).to.deep.equal([{ do: 'close', tellServer: false }]);
  });

  it('tells the server when the person leaves', () => {
    const { state, effects } = play([{ type: 'leave' }], live);
    expect(state.ending?.kind).to.equal('left');
    expect(effects).to.deep.equal([{ do: 'close', tellServer: true }]);
  });
});
