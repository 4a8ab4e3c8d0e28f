import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { participantId } from '../protocol.ts';
import { type Voices, VoiceWatch } from './voices.ts';

const newId = () => participantId.parse(randomUUID());
const ids = { you: newId(), ada: newId(), bob: newId() };
const { ada, bob } = ids;

/** A conversation, looked at five times a second. */
class Talk {
  readonly #watch = new VoiceWatch(ids.you);
  #nowMs = 0;

  /** @param levels of those whose microphones are open meanwhile */
  goesOn(ms: number, levels: Partial<Record<keyof typeof ids, number>>): Voices {
    const heard = new Map(
      Object.entries(levels).map(([name, level]) => [ids[name as keyof typeof ids], level]),
    );
    const untilMs = this.#nowMs + ms;
    let voices = this.#watch.look(heard, this.#nowMs);
    while (this.#nowMs < untilMs) {
      this.#nowMs += 200;
      voices = this.#watch.look(heard, this.#nowMs);
    }
    return voices;
  }
}

describe('voices', () => {
  it('tells who speaks, also over the pauses between words', () => {
    const talk = new Talk();
    expect(talk.goesOn(400, { ada: 0.1, bob: 0.001 }).speaking).to.deep.equal([ada]);
    expect(talk.goesOn(200, { ada: 0, bob: 0 }).speaking).to.deep.equal([ada]);
    expect(talk.goesOn(600, { ada: 0, bob: 0 }).speaking).to.deep.equal([]);
  });

  it('gives the floor to whoever goes on speaking when the other has finished; never to you, nor to a cough', () => {
    const talk = new Talk();
    expect(talk.goesOn(1000, { you: 0.2, ada: 0, bob: 0 }).featured).to.equal(null);
    expect(talk.goesOn(1000, { you: 0.2, ada: 0.1, bob: 0 }).featured).to.equal(ada);
    expect(talk.goesOn(2000, { you: 0, ada: 0.1, bob: 0.3 }).featured).to.equal(ada);
    expect(talk.goesOn(800, { you: 0, ada: 0, bob: 0.3 }).featured).to.equal(bob);
    talk.goesOn(200, { you: 0, ada: 0.1, bob: 0 });
    expect(talk.goesOn(2000, { you: 0, ada: 0, bob: 0 }).featured).to.equal(bob);
  });

  it('knows whom it has heard since they opened their microphone', () => {
    const talk = new Talk();
    expect(talk.goesOn(400, { ada: 0.1, bob: 0 }).heard).to.deep.equal([ada]);
    expect(talk.goesOn(400, { bob: 0 }).heard).to.deep.equal([]);
    expect(talk.goesOn(400, { ada: 0, bob: 0 }).heard).to.deep.equal([]);
  });

  it('knows of whom it has heard nothing at all for ten seconds', () => {
    const talk = new Talk();
    expect(talk.goesOn(9_000, { ada: 0.1, bob: 0 }).unheard).to.deep.equal([]);
    expect(talk.goesOn(1_400, { ada: 0, bob: 0 }).unheard).to.deep.equal([bob]);
    expect(talk.goesOn(400, { ada: 0, bob: 0.1 }).unheard).to.deep.equal([]);
  });

  it('finds it strange that somebody is silent for a minute while others speak, and no sooner', () => {
    const talk = new Talk();
    talk.goesOn(1000, { ada: 0.1, bob: 0.1 });
    expect(talk.goesOn(59_000, { ada: 0.1, bob: 0 }).silent).to.deep.equal([]);
    expect(talk.goesOn(2000, { ada: 0.1, bob: 0 }).silent).to.deep.equal([bob]);
    expect(talk.goesOn(200, { ada: 0.1, bob: 0.1 }).silent).to.deep.equal([]);
  });

  it('finds nothing strange about a pause that all make, or a microphone that is closed', () => {
    const talk = new Talk();
    talk.goesOn(1000, { ada: 0.1, bob: 0.1 });
    expect(talk.goesOn(120_000, { ada: 0, bob: 0 }).silent).to.deep.equal([]);
    expect(talk.goesOn(120_000, { ada: 0.1 }).silent).to.deep.equal([]);
  });
});
