import { expect } from 'chai';
import { layerFor } from './shown.ts';

describe('the size in which a picture is wanted', () => {
  it('is the smallest that is sharp enough, and none for what is not seen', () => {
    const wanted = [0, 1, 180, 225, 226, 360, 450, 451, 720, 2160].map(layerFor);
    expect(wanted).to.deep.equal([null, 0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });
});
