import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { createLog, systemClock } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { openUdpReceiver, type UdpChoice, type UdpReceiver } from './index.ts';
import { NativeUdpReceiver } from './native-receiver.ts';
import type { UdpPort } from './udp-receiver.ts';

const log = createLog('test', 'silent');

/** A port, and what came there. */
class Inbox extends EventEmitter {
  readonly packets: Buffer[] = [];
  readonly atUs: number[] = [];
  readonly onPacket = (memory: Buffer, bytes: number, clockUs: number) => {
    this.packets.push(Buffer.from(memory.subarray(0, bytes)));
    this.atUs.push(clockUs);
    this.emit('packet');
  };
  async until(packets: number): Promise<void> {
    while (this.packets.length < packets) await once(this, 'packet');
  }
}

for (const choice of ['node', 'native'] as const satisfies UdpChoice[]) {
  describe(`UDP by the ${choice} receiver`, () => {
    let receiver: UdpReceiver;
    let looking: NodeJS.Timeout;
    const sockets: Socket[] = [];
    beforeEach(() => {
      receiver = openUdpReceiver(choice, { clock: systemClock, log });
      looking = setInterval(() => receiver.look(), 5);
    });
    afterEach(() => {
      clearInterval(looking);
      receiver.close();
      for (const socket of sockets.splice(0)) socket.close();
    });

    async function sender(): Promise<Socket> {
      const socket = createSocket('udp4');
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      sockets.push(socket);
      return socket;
    }
    async function open(from: Socket | null, receiveBufferBytes = 1 << 20) {
      const inbox = new Inbox();
      const { onPacket } = inbox;
      const port = await receiver.open({ ip: '127.0.0.1', receiveBufferBytes, onPacket });
      if (from !== null) port.listenTo({ ip: '127.0.0.1', port: from.address().port });
      return { inbox, port };
    }
    const send = (from: Socket, port: UdpPort, packet: Buffer) =>
      new Promise<void>((resolve, reject) =>
        from.send(packet, port.port, '127.0.0.1', error => (error === null ? resolve() : reject(error))),
      );
    const numbered = (number: number, bytes = 40) => {
      const packet = Buffer.alloc(bytes, number & 0xff);
      packet.writeUInt32BE(number, 0);
      return packet;
    };

    it('gives every port its own packets, whole and in order, with the time of arrival', async () => {
      const from = await sender();
      const ports = await Promise.all(Array.from({ length: 20 }, () => open(from)));
      const beganUs = systemClock.nowUs();
      const sent = Array.from({ length: 300 }, (_, i) => numbered(i, 4 + ((i * 97) % 1500)));
      for (const packet of sent)
        for (const [i, { port }] of ports.entries())
          if (i % 2 === 0 || packet.length % 3 === 0) await send(from, port, packet);
      for (const [i, { inbox }] of ports.entries()) {
        const expected = sent.filter(packet => i % 2 === 0 || packet.length % 3 === 0);
        await inbox.until(expected.length);
        expect(inbox.packets).to.deep.equal(expected);
        // The wall clock stamps, the monotonic one is read: both may differ by some microseconds.
        expect(inbox.atUs[0]).to.be.within(beganUs - 1000, systemClock.nowUs());
        expect(inbox.atUs).to.deep.equal([...inbox.atUs].sort((a, b) => a - b));
      }
    });

    it('hears its source only, and counts the rest', async () => {
      const [from, stranger] = [await sender(), await sender()];
      const { inbox, port } = await open(null);
      await send(from, port, numbered(1));
      port.listenTo({ ip: '127.0.0.1', port: from.address().port });
      await send(stranger, port, numbered(2));
      await send(from, port, Buffer.alloc(2049));
      await send(from, port, Buffer.alloc(2048, 7));
      // With Node’s sockets the first may be read only now that its sender is known.
      const whole = () => inbox.packets.filter(packet => packet.length === 2048);
      while (whole().length === 0) await once(inbox, 'packet');
      expect(whole()).to.deep.equal([Buffer.alloc(2048, 7)]);
      const { foreign, oversized, kernel } = port.takeDrops();
      expect({ all: foreign + inbox.packets.length, oversized, kernel }).to.deep.equal({
        all: 3,
        oversized: 1,
        kernel: 0,
      });
      expect(port.takeDrops()).to.deep.equal({ foreign: 0, oversized: 0, kernel: 0 });
    });

    it('answers the source', async () => {
      const from = await sender();
      const { port } = await open(from);
      port.send(Buffer.from('feedback'));
      const [message, remote] = await once(from, 'message');
      expect(message.toString()).to.equal('feedback');
      expect(remote.port).to.equal(port.port);
    });

    it('counts what did not fit the receive buffer', async () => {
      const from = await sender();
      const { inbox, port } = await open(from, 1 << 14);
      const sent = 2000;
      // Nobody reads meanwhile: this turn of the event loop is not over.
      const sending = Array.from({ length: sent }, (_, i) => send(from, port, numbered(i, 1000)));
      await Promise.all(sending);
      await send(from, port, numbered(sent));
      while (!inbox.packets.some(packet => packet.readUInt32BE(0) === sent)) {
        await Promise.race([once(inbox, 'packet'), new Promise(resolve => setTimeout(resolve, 20))]);
        await send(from, port, numbered(sent));
      }
      const { kernel } = port.takeDrops();
      const received = inbox.packets.filter(packet => packet.readUInt32BE(0) < sent).length;
      expect(received).to.be.lessThan(sent);
      expect(received + kernel).to.be.at.least(sent);
      expect(kernel).to.be.greaterThan(0);
    });

    it('is closed port by port, any number of times, and its number can be bound again', async () => {
      const from = await sender();
      const [first, second] = [await open(from), await open(from)];
      first.port.close();
      first.port.close();
      first.port.send(Buffer.from('nobody hears this'));
      await send(from, second.port, numbered(5));
      await second.inbox.until(1);
      receiver.close();
      receiver.close();
      expect(first.inbox.packets).to.deep.equal([]);
      const other = createSocket('udp4');
      sockets.push(other);
      other.bind(second.port.port, '127.0.0.1');
      await once(other, 'listening');
    });

    it('says what is wrong with an address that is not of this machine', async () => {
      const error = await receiver
        .open({ ip: '192.0.2.1', receiveBufferBytes: 1 << 16, onPacket: () => {} })
        .then(
          () => null,
          (thrown: NodeJS.ErrnoException) => thrown,
        );
      expect(error?.code).to.equal('EADDRNOTAVAIL');
    });
  });
}

describe('the native UDP receiver', () => {
  it('hands over what had arrived before a port was closed', async () => {
    const receiver = new NativeUdpReceiver(systemClock);
    const socket = createSocket('udp4');
    const inbox = new Inbox();
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { onPacket } = inbox;
    const port = await receiver.open({ ip: '127.0.0.1', receiveBufferBytes: 1 << 20, onPacket });
    port.listenTo({ ip: '127.0.0.1', port: socket.address().port });
    const sent = Array.from(
      { length: 200 },
      () => new Promise(resolve => socket.send(Buffer.alloc(100), port.port, '127.0.0.1', resolve)),
    );
    await Promise.all(sent);
    port.close();
    expect(inbox.packets).to.have.length(200);
    socket.close();
  });

  it('gives way to Node’s sockets where it was not built, and says so', () => {
    const before = process.env['XDG_CACHE_HOME'];
    process.env['XDG_CACHE_HOME'] = '/nowhere';
    try {
      const said: string[] = [];
      const warning = { warn: (_: object, message: string) => said.push(message) } as unknown as typeof log;
      const options = { clock: systemClock, log: warning };
      expect(openUdpReceiver('auto', options).name).to.equal('node');
      expect(said).to.have.length(1);
      expect(() => openUdpReceiver('native', options)).to.throw(/Cannot find module/);
    } finally {
      if (before === undefined) delete process.env['XDG_CACHE_HOME'];
      else process.env['XDG_CACHE_HOME'] = before;
    }
  });
});
