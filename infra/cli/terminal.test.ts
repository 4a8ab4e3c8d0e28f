import { Readable } from 'node:stream';
import { expect } from 'chai';
import { terminalIo } from './terminal.ts';

function rig(isTTY: boolean) {
  const written: { stream: string; text: string }[] = [];
  const stream = (name: string) => ({
    isTTY,
    write: (text: string | Uint8Array) => {
      written.push({ stream: name, text: String(text) });
      return true;
    },
  });
  const io = terminalIo({ env: {}, stdout: stream('out'), stderr: stream('err') });
  const on = (name: string) =>
    written.flatMap(({ stream, text }) => (stream === name ? [text] : [])).join('');
  return { io, on };
}

describe('the command line’s terminal', () => {
  it('shows progress beside the answers, and wipes it before the next line', () => {
    const { io, on } = rig(true);
    io.progress('chunks', 1, 4);
    io.progress('chunks', 4, 4);
    io.print('All holds');
    expect(on('out')).to.equal('All holds\n');
    expect(on('err')).to.contain('chunks 4 of 4');
    expect(on('err').endsWith('\r\u001b[K')).to.equal(true);
  });

  it('shows none to a pipe or a log', () => {
    const { io, on } = rig(false);
    io.progress('chunks', 1, 4);
    io.complain('The store is away.');
    expect(on('err')).to.equal('The store is away.\n');
  });

  it('reads what is piped in to its end, and keeps so much of it as is wanted', async () => {
    let read = 0;
    const stdin = Readable.from(
      (function* () {
        for (; read < 5; read += 1) yield Buffer.from('four');
      })(),
    );
    const quiet = { write: () => true };
    const io = terminalIo({ env: {}, stdin, stdout: quiet, stderr: quiet });
    expect((await io.input(6)).toString()).to.equal('fourfo');
    expect(read).to.equal(5);
  });
});
