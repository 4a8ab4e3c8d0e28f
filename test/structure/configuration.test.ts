import { expect } from 'chai';
import { readmeWithTable } from '../configuration.ts';
import { readProjectFile } from './sources.ts';

describe('the table of variables in README.md', () => {
  it('is what the schemas of the processes say (make configuration writes it)', function () {
    this.timeout(20_000);
    const readme = readProjectFile('README.md');
    expect(readmeWithTable(readme) === readme, 'README.md is stale: run make configuration').to.equal(true);
  });
});
